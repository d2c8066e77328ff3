import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WORKLOADS } from '../workloads/table.ts';
import { goalFigures, reportGoals } from './report.ts';
import { runGoals, type GoalsResult, type JudgedStep } from './run.ts';
import { removeLargeFiles } from './servers.ts';
import { LIMITS, STEPS } from './steps.ts';
import { GOAL_HEADINGS, goalRows, missedCount } from './table.ts';
import type { Step } from './types.ts';
import type { Verdict } from './verdict.ts';

// Processes start slowly on a machine that is busy with other tests.
jest.setTimeout(300_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'octobench-goals-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('STEPS', () => {
  it('are of workloads that there are, and name each other', () => {
    const names = STEPS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { workload, goal } of STEPS) {
      expect(WORKLOADS.map(({ name }) => name)).toContain(workload);
      expect([undefined, ...names]).toContain(goal?.kind === 'within' ? goal.beyond : undefined);
    }
  });
});

describe('runGoals', () => {
  it('starts our server and the bare one, measures both side by side, and starts ours again on what is there', async () => {
    const [some] = STEPS;
    const steps: Step[] = [{ ...some!, with: ['bare node'] }];
    const flags = { rounds: 2, durationMs: 20, warmupMs: 5, settleMs: 5, processes: 1, largeBytes: 1024, tags: 10 };
    const result = await runGoals({ ...flags, steps, program: 'none', folder, onStep: () => undefined });
    const [{ report, verdict }] = result.steps as [JudgedStep];
    expect(report.targets.map(({ name, errors }) => ({ name, errors }))).toEqual([
      { name: 'ours', errors: {} },
      { name: 'bare node', errors: {} },
    ]);
    expect(report.targets[0]?.rounds).toHaveLength(2);
    const [start, idle] = result.limits;
    expect([start?.ours.length, idle?.ours.length, start?.distribution.length]).toEqual([5, 5, 0]);
    // Without distribution nothing can be said, which is no success.
    expect(verdict).toBeUndefined();
    expect(missedCount(result)).toBeGreaterThan(0);
    expect(reportGoals(result, new Date(0), flags).workloads).toHaveLength(1);
  });
});

function resultOf(outcome: Verdict['outcome'] | undefined): GoalsResult {
  const spread = { middle: 0.9, low: 0.8, high: 1.1 };
  const target = (name: string, rate: number) => ({
    ...{ name, url: '', rate: { middle: rate, low: rate, high: rate }, rounds: [rate], mediansMs: [2] },
    ...{ latency: { p50: 2, p90: 3, p99: 4 }, operations: 1, errors: {}, receivedBytes: 0, sentBytes: 0 },
    ...{ cpuMs: undefined, rssBytes: undefined, busy: 0 },
  });
  const [step] = STEPS;
  const verdict = outcome && { outcome, score: spread, isBarred: outcome === 'missed' };
  return {
    ceiling: { requests: 1, answers64k: 1, downloadBytes: 1, uploadBytes: 1 },
    steps: [
      {
        step: step!,
        verdict,
        report: {
          ...{ name: step!.name, doc: '', counts: 'operations', connections: 1, skipped: { 'ours (auto)': 'why' } },
          targets: [target('ours', 4000), target('distribution', 1000)],
          ratios: [{ of: 'ours', to: 'distribution', ratio: { middle: 4, low: 3.9, high: 4.1 } }],
        },
      },
    ],
    limits: [
      {
        limit: LIMITS.idle,
        ours: [130, 110],
        distribution: [50],
        verdict: { outcome: 'met', score: spread, isBarred: false },
      },
    ],
  };
}

describe('goalRows', () => {
  it('shows each server, the ratio, what was asked and what came of it', () => {
    expect(goalRows(resultOf('close'))).toEqual([
      [
        'manifest-by-tag',
        '4,000/s',
        'cannot',
        '',
        '',
        '1,000/s',
        '4.00 x (3.90 to 4.10)',
        '4.50 x distribution',
        'within the spread, 0.90 x (0.80 to 1.10) of it',
      ],
      ['memory, idle', '110 MB', '', '', '', '50.0 MB', '', '120 MB', 'met, 0.90 x (0.80 to 1.10) of it'],
    ]);
    expect(goalRows(resultOf('close'))[0]).toHaveLength(GOAL_HEADINGS.length);
  });

  it('says where the bare server set the bar', () => {
    expect(goalRows(resultOf('missed'))[0]?.slice(-2)).toEqual([
      '0.9 of bare node (4.50 x distribution)',
      'MISSED, 0.90 x (0.80 to 1.10) of it',
    ]);
  });

  it('has all of it for programs', () => {
    expect(goalFigures(resultOf('missed'))).toMatchObject([
      { name: 'manifest-by-tag', goal: { factor: 4.5 }, outcome: 'missed' },
      { name: 'memory, idle', limit: 120, ours: [130, 110], outcome: 'met' },
    ]);
  });
});

describe('missedCount', () => {
  it.each([
    ['met', 0],
    ['close', 0],
    ['missed', 1],
    [undefined, 1],
  ] as const)('of a step that was %s is %d', (outcome, count) => {
    expect(missedCount(resultOf(outcome))).toBe(count);
  });
});

describe('removeLargeFiles', () => {
  it('removes what is larger, at any depth, and leaves the rest', async () => {
    const home = join(folder, 'large');
    await mkdir(join(home, 'a/b'), { recursive: true });
    await Promise.all([
      writeFile(join(home, 'a/b/large'), Buffer.alloc(11)),
      writeFile(join(home, 'a/small'), Buffer.alloc(10)),
    ]);
    await removeLargeFiles(home, 10);
    expect((await readdir(home, { recursive: true })).toSorted()).toEqual(['a', 'a/b', 'a/small']);
  });
});
