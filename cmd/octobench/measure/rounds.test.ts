import { describe, expect, it } from '@jest/globals';
import type { Pool, SharedLoad } from '../generator/pool.ts';
import { Histogram } from '../statistics/histogram.ts';
import { needsMore, orderOf, runRounds, type RoundOptions } from './rounds.ts';
import type { Target } from './target.ts';

const target = (name: string): Target => ({ name, site: { url: `http://${name}`, authHosts: [] }, pid: undefined });

/** A pool that makes no load: it notes what it is asked for, and says that `broken` answers nothing. */
function notingPool(loads: (SharedLoad & { processes: number })[], busy = 0): Pool {
  return {
    async run(load, processes) {
      loads.push({ ...load, processes });
      const isBroken = load.site.url === 'http://broken';
      const [operations, errors] = isBroken ? [0, { ECONNREFUSED: 1 }] : [1, {}];
      const nothing = {
        answers: 0,
        elapsedMs: 1,
        receivedBytes: 0,
        sentBytes: 0,
        latency: new Histogram(),
        refused: 0,
        pushed: [],
      };
      return { ...nothing, operations, errors, busy };
    },
    close: async () => undefined,
  };
}

const OPTIONS: RoundOptions = {
  rounds: 4,
  durationMs: 10,
  warmupMs: 5,
  settleMs: 1,
  connections: 3,
  operationLimit: undefined,
  newConnections: false,
  processes: undefined,
  cores: 2,
  onRound: () => undefined,
  afterRound: async () => undefined,
};
const WORK = { kind: 'read', reads: [] } as const;

describe('orderOf', () => {
  it.each([
    [
      ['a', 'b'],
      ['ab', 'ba', 'ba', 'ab', 'ab', 'ba'],
    ],
    [
      ['a', 'b', 'c'],
      ['abc', 'cba', 'bca', 'acb', 'cab', 'bac'],
    ],
  ])('goes there and back, and begins with each of %j', (targets, orders) => {
    expect(orders.map((_, round) => orderOf(targets, round).join(''))).toEqual(orders);
  });
});

describe('needsMore', () => {
  it.each([
    ['a generator at its limit on a machine that has more', 0.97, 0.5, 1, true],
    ['a generator that waits', 0.5, 0.5, 1, false],
    ['a machine that has nothing left', 0.97, 0.95, 1, false],
    ['as many generators as processors', 0.97, 0.5, 2, false],
  ])('%s', (_what, busy, machine, processes, expected) => {
    expect(needsMore(busy, machine, processes, 2)).toBe(expected);
  });
});

describe('runRounds', () => {
  it('warms every target up, then takes rounds in turn, with another label each', async () => {
    const loads: (SharedLoad & { processes: number })[] = [];
    const [a, b] = [target('a'), target('b')];
    const assignments = [a, b].map((one) => ({ target: one, work: WORK }));
    const { measured, skipped } = await runRounds(notingPool(loads), assignments, OPTIONS);
    expect([...measured.values()].map((rounds) => rounds.length)).toEqual([4, 4]);
    expect(skipped.size).toBe(0);
    expect(loads.map(({ durationMs }) => durationMs)).toEqual([5, 5, ...Array.from({ length: 8 }, () => 10)]);
    for (const { site } of [a, b]) {
      const own = loads.filter((load) => load.site === site);
      expect(new Set(own.map(({ label }) => label)).size).toBe(own.length);
    }
  });

  it('leaves a target out whose first operation fails, and says why', async () => {
    const loads: (SharedLoad & { processes: number })[] = [];
    const [broken, whole] = [target('broken'), target('whole')];
    const assignments = [broken, whole].map((one) => ({ target: one, work: WORK }));
    const { measured, skipped } = await runRounds(notingPool(loads), assignments, OPTIONS);
    expect(skipped.get(broken)).toBe('ECONNREFUSED');
    expect(measured.get(whole)).toHaveLength(4);
    expect(loads.filter(({ site }) => site === broken.site)).toHaveLength(1);
  });

  it('keeps to the number of generators that it is told', async () => {
    const loads: (SharedLoad & { processes: number })[] = [];
    await runRounds(notingPool(loads, 1), [{ target: target('a'), work: WORK }], {
      ...OPTIONS,
      processes: 3,
      cores: 8,
    });
    expect(new Set(loads.map(({ processes }) => processes))).toEqual(new Set([3]));
  });
});
