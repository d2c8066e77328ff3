import { describe, expect, it } from '@jest/globals';
import { StorageError } from '../types.ts';
import { openWatch } from './watch.ts';

const away = (why: string): StorageError => new StorageError('busy', why);

/** A bucket that is checked, whose state the test sets, and pauses that are over when the test says so. */
function scene(first?: StorageError) {
  const lines: string[] = [];
  const rests: { ms: number; resolve: () => void }[] = [];
  const state = { problem: first, checks: 0 };
  const watch = openWatch({
    check: async () => {
      state.checks += 1;
      if (state.problem) throw state.problem;
    },
    log: { info: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) },
    pause: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        rests.push({ ms, resolve });
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    random: () => 0.5,
  });
  /** Lets the next pause be over, and what follows happen. */
  async function passOn(): Promise<number | undefined> {
    await settle();
    const rest = rests.shift();
    rest?.resolve();
    await settle();
    return rest?.ms;
  }
  return { watch, lines, state, passOn };
}

const settle = () => new Promise(setImmediate);

describe('the watch over a bucket', () => {
  it('says nothing where it can be used', async () => {
    const { watch, lines, state, passOn } = scene();
    await passOn();
    await passOn();
    expect([lines, state.checks]).toEqual([[], 1]);
    await watch.close();
  });

  it('says once that it cannot be used, looks more and more seldom, and says when it can be again', async () => {
    const { watch, lines, state, passOn } = scene(away('it is off'));
    const rests = [];
    for (let turn = 0; turn < 7; turn += 1) rests.push(await passOn());
    expect(rests).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
    expect(lines).toEqual(['Storage is not available: it is off']);
    state.problem = undefined;
    await passOn();
    expect(lines).toEqual(['Storage is not available: it is off', 'Storage is available again']);
    await watch.close();
  });

  it('says each reason once, also where two take turns, and again when it had been well meanwhile', async () => {
    const { watch, lines, state, passOn } = scene(away('it is off'));
    for (const why of ['the key is wrong', 'it is off', 'the key is wrong', 'it is off']) {
      state.problem = away(why);
      await passOn();
    }
    expect(lines).toEqual(['Storage is not available: it is off', 'Storage is not available: the key is wrong']);
    state.problem = undefined;
    await passOn();
    state.problem = away('it is off');
    await passOn();
    watch.doubt();
    await settle();
    expect(lines.slice(2)).toEqual(['Storage is available again', 'Storage is not available: it is off']);
    await watch.close();
  });

  it('says what others find who check, and fails them', async () => {
    const { watch, lines, state, passOn } = scene(away('it is off'));
    await passOn();
    state.problem = undefined;
    await watch.check();
    expect(lines).toEqual(['Storage is not available: it is off', 'Storage is available again']);
    state.problem = away('the clock is wrong');
    await expect(watch.check()).rejects.toBe(state.problem);
    expect(lines.slice(2)).toEqual(['Storage is not available: the clock is wrong']);
    await watch.close();
  });

  it('looks once for many who doubt at a time', async () => {
    const { watch, state, passOn } = scene();
    await settle();
    for (let turn = 0; turn < 100; turn += 1) watch.doubt();
    await passOn();
    expect(state.checks).toBe(1);
    for (let turn = 0; turn < 100; turn += 1) watch.doubt();
    await settle();
    expect(state.checks).toBe(2);
    await watch.close();
  });

  it('ends while it waits, and says nothing afterwards', async () => {
    const { watch, lines, state } = scene(away('it is off'));
    await settle();
    await watch.close();
    watch.doubt();
    await settle();
    expect([lines.length, state.checks]).toEqual([1, 1]);
  });
});
