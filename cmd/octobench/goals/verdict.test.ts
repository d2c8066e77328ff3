import { describe, expect, it } from '@jest/globals';
import { judge, judgeLimit, type Facts } from './verdict.ts';

const facts = (more: Partial<Facts>): Facts => ({
  ours: [],
  distribution: [100, 100, 100, 100, 100],
  bare: undefined,
  oursMs: [],
  beyondMs: undefined,
  ...more,
});

describe('judge', () => {
  it.each([
    ['met', [450, 460, 440, 500, 450]],
    ['close', [400, 430, 440, 460, 470]],
    ['missed', [400, 410, 420, 440, 460]],
  ])('says %s of the rates %j where 4.5 times 100 is asked for', (outcome, ours) => {
    expect(judge({ kind: 'times', factor: 4.5 }, facts({ ours }))).toMatchObject({ outcome, isBarred: false });
  });

  it('asks for nine tenths of the bare server where the goal is more', () => {
    const bare = [300, 300, 300, 300, 300];
    const goal = { kind: 'times', factor: 15 } as const;
    expect(judge(goal, facts({ ours: [270, 270, 270, 270, 270], bare }))).toMatchObject({
      outcome: 'met',
      isBarred: true,
    });
    expect(judge(goal, facts({ ours: [260, 260, 260, 260, 260], bare }))).toMatchObject({ outcome: 'missed' });
  });

  it('keeps to the goal where the bare server reaches more', () => {
    const bare = [1000, 1000, 1000, 1000, 1000];
    expect(judge({ kind: 'times', factor: 3 }, facts({ ours: [310, 310, 310, 310, 310], bare }))).toMatchObject({
      outcome: 'met',
      isBarred: false,
    });
  });

  it('judges each round by its own peers, so that a slow moment of the machine changes nothing', () => {
    const [ours, distribution] = [
      [400, 40, 400],
      [100, 10, 100],
    ];
    expect(judge({ kind: 'times', factor: 4 }, facts({ ours, distribution })).score).toEqual({
      middle: 1,
      low: 1,
      high: 1,
    });
  });

  it('judges times by what they are beyond those of another step', () => {
    const within = facts({ oursMs: [1.2, 1.3, 1.1], beyondMs: [0.4, 0.4, 0.4] });
    expect(judge({ kind: 'within', limitMs: 1, beyond: 'empty' }, within).outcome).toBe('met');
    expect(judge({ kind: 'within', limitMs: 1 }, { ...within, beyondMs: undefined }).outcome).toBe('missed');
  });
});

describe('judgeLimit', () => {
  it('takes the best try', () => {
    expect(judgeLimit(300, [500, 290, 310]).outcome).toBe('met');
    expect(judgeLimit(300, [500, 301]).outcome).toBe('missed');
  });
});
