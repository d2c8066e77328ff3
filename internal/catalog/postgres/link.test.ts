import { describe, expect, it } from '@jest/globals';
import { DatabaseError } from 'pg';
import { CatalogError } from '../types.ts';
import { openLink } from './link.ts';

const away = (why: string) => new CatalogError('busy', why);

/** A database that is visited, whose state the test sets, and a clock that passes over every pause when it is told to. */
function scene(first?: CatalogError) {
  const lines: string[] = [];
  const rests: { ms: number; resolve: () => void; reject: (error: unknown) => void }[] = [];
  const state = { problem: first, visits: 0 };
  const deps = {
    visit: async () => {
      state.visits += 1;
      if (state.problem) throw state.problem;
    },
    log: { info: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) },
    pause: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        rests.push({ ms, resolve, reject });
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    random: () => 0.5,
  };
  /** Lets the next pause be over, and what follows happen. */
  async function passOn(): Promise<number | undefined> {
    const rest = rests.shift();
    rest?.resolve();
    await settle();
    return rest?.ms;
  }
  return { deps, lines, state, passOn, rests };
}

const settle = () => new Promise(setImmediate);

describe('the link to a database', () => {
  it('is well where the first visit finds it so, and says nothing', async () => {
    const { deps, lines, rests } = scene();
    const link = await openLink(deps);
    expect(() => link.assertWell()).not.toThrow();
    expect([lines, rests]).toEqual([[], []]);
    await link.close();
  });

  it('opens where the database is away, fails at once meanwhile, and finds out when it comes', async () => {
    const { deps, lines, state, passOn } = scene(away('it is off'));
    const link = await openLink(deps);
    expect(() => link.assertWell()).toThrow(state.problem);
    expect(await passOn()).toBe(250);
    expect(() => link.assertWell()).toThrow(state.problem);
    state.problem = undefined;
    expect(await passOn()).toBe(500);
    expect(() => link.assertWell()).not.toThrow();
    expect(lines).toEqual(['The catalog is not available: it is off', 'The catalog is available again']);
    await link.close();
  });

  it('tells each reason once, however often it visits, and never waits long', async () => {
    const { deps, lines, state, passOn } = scene(away('it is off'));
    const link = await openLink(deps);
    const rests = [];
    for (let i = 0; i < 6; i += 1) rests.push(await passOn());
    state.problem = away('the password is wrong');
    for (let i = 0; i < 3; i += 1) rests.push(await passOn());
    state.problem = away('it is off');
    await passOn();
    expect(rests).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000]);
    expect(lines).toEqual([
      'The catalog is not available: it is off',
      'The catalog is not available: the password is wrong',
    ]);
    await link.close();
  });

  it('does not open where time does not help', async () => {
    const { deps, rests } = scene(new CatalogError('newer', 'made by a later version'));
    await expect(openLink(deps)).rejects.toMatchObject({ failure: 'newer' });
    expect(rests).toEqual([]);
  });

  it('visits once for all who doubt, and forgets their doubts where it is well', async () => {
    const { deps, lines, state, passOn } = scene();
    const link = await openLink(deps);
    for (let i = 0; i < 5; i += 1) link.doubt();
    await settle();
    expect(state.visits).toBe(2);
    link.doubt();
    await settle();
    expect(state.visits).toBe(2);
    await passOn();
    link.doubt();
    await settle();
    expect([state.visits, lines]).toEqual([3, []]);
    await link.close();
  });

  it('is not well once a visit out of doubt finds it away, until another finds it well', async () => {
    const { deps, state, passOn } = scene();
    const link = await openLink(deps);
    state.problem = away('it went');
    link.doubt();
    await settle();
    expect(() => link.assertWell()).toThrow('it went');
    state.problem = undefined;
    await passOn();
    expect(() => link.assertWell()).not.toThrow();
    await link.close();
  });

  it('goes on where there is only no room for one more connection, and says so', async () => {
    const { deps, lines, state } = scene();
    const link = await openLink(deps);
    const cause = Object.assign(new DatabaseError('too many clients', 1, 'error'), { code: '53300' });
    state.problem = new CatalogError('busy', 'no connection left', cause);
    link.doubt();
    await settle();
    expect(() => link.assertWell()).not.toThrow();
    expect(lines).toEqual(['The catalog is not available: no connection left']);
    await link.close();
  });

  it('takes a bug in a visit for a failure of the database', async () => {
    const { deps } = scene();
    const broken = async () => {
      throw new TypeError('a bug');
    };
    await expect(openLink({ ...deps, visit: broken })).rejects.toMatchObject({ failure: 'broken' });
  });

  it('stops visiting when it is closed', async () => {
    const { deps, state, rests } = scene(away('it is off'));
    const link = await openLink(deps);
    await link.close();
    link.doubt();
    await settle();
    expect([state.visits, rests.length]).toEqual([1, 1]);
  });
});
