import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createOctobench } from '../octobench.ts';
import type { Figure } from './types.ts';

// Processes start slowly on a machine that is busy with other tests.
jest.setTimeout(300_000);

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'octobench-overload-'));
});
afterAll(() => rm(cwd, { recursive: true }));

async function run(argv: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await createOctobench().run(['overload', ...argv], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    cwd,
  });
  return { exitCode, stdout, stderr };
}

const SMALL = [
  '--settle',
  '5ms',
  '--slow',
  '4',
  '--large',
  '8MiB',
  '--streams',
  '4',
  '--stream-size',
  '2MiB',
  '--pushers',
  '4',
];

interface Judged {
  readonly phases: readonly { readonly name: string; readonly figures: readonly (Figure & { missed: boolean })[] }[];
}

describe('octobench overload', () => {
  it('tells of each phase what clients saw and what it cost', async () => {
    const phases = ['--only', 'readers,writers,streams,storm', '--duration', '50ms'];
    const { stdout } = await run([...phases, ...SMALL, '--folder', 'server', '--json']);
    const report = JSON.parse(stdout) as Judged;
    expect(report.phases.map(({ name }) => name)).toEqual([
      '4 slow readers',
      '4 slow writers',
      '4 downloads at once',
      '4 clients that push',
    ]);
    for (const { figures } of report.phases) {
      const valueOf = (name: string) => figures.find((figure) => figure.name === name)?.value;
      expect(valueOf('operations')).toBeGreaterThan(0);
      expect(valueOf('broken')).toBe(0);
      expect(valueOf('probes that failed')).toBe(0);
      expect(valueOf('slow clients cut off') ?? 0).toBe(0);
      expect(valueOf('of these not there') ?? 0).toBe(0);
    }
  });

  it('refuses a phase that there is none of', async () => {
    const { exitCode, stderr } = await run(['--only', 'storm,calm']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is no phase calm');
  });
});
