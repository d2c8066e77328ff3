import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionRow } from '../catalog/index.ts';
import type { KnownUser } from './directory.ts';
import { createLru, type Lru } from './lru.ts';
import { createSessions, SESSION_COOKIE, type Sessions } from './sessions.ts';

describe('a browser that is signed in', () => {
  let rows: Map<string, SessionRow>;
  let known: KnownUser | undefined;
  let derived: Lru<unknown>;
  let looked: number;
  let nowMs: number;
  let sessions: Sessions;
  beforeEach(() => {
    rows = new Map();
    known = { user: { name: 'ada', groups: ['dev'] }, password: undefined, generation: 3, isDisabled: false };
    [derived, looked, nowMs] = [createLru(10), 0, 1000];
    const run = async (name: string, args: { readonly hash: string } & SessionRow): Promise<unknown> =>
      name === 'openSession' ? void rows.set(args.hash, args) : rows.delete(args.hash);
    sessions = createSessions({
      catalog: {
        run: run as never,
        queries: {
          findSession: async (hash) => {
            looked += 1;
            return rows.get(hash);
          },
        },
      },
      facts: async () => ({ derived }),
      findUser: async () => known,
      renew: () => void (derived = createLru(10)),
      clock: () => nowMs,
      lifetimeMs: 5000,
    });
  });
  const signIn = (token: string, more: object = {}) =>
    sessions.method.signIn({
      cookies: new Map([[SESSION_COOKIE, token]]),
      basic: undefined,
      bearer: undefined,
      certificate: undefined,
      address: '',
      requestId: '',
      ...more,
    });
  const open = async () => (await sessions.open({ name: 'ada', generation: 3 })).token;

  it('is its user, with the groups of the moment, by something that browsers send by themselves', async () => {
    expect(await signIn(await open())).toEqual({
      kind: 'signedIn',
      identity: { principal: { kind: 'user', name: 'ada', groups: ['dev'] } },
      ambient: true,
    });
  });

  it('is looked up once while nothing changes', async () => {
    const token = await open();
    for (let turn = 0; turn < 5; turn += 1) await signIn(token);
    expect(looked).toBe(1);
  });

  it('holds a token that the catalog does not know', async () => {
    const token = await open();
    expect(token).toMatch(/^octs_[\w-]{43}$/);
    expect(JSON.stringify([...rows])).not.toContain(token.slice(5));
  });

  it('is nobody after it signed out, was there for as long as it may, or its user changed', async () => {
    const token = await open();
    await signIn(token);
    nowMs += 4999;
    expect(await signIn(token)).toBeDefined();
    nowMs += 1;
    expect(await signIn(token)).toBeUndefined();
    const [closed, renewed] = [await open(), await open()];
    await signIn(closed);
    await sessions.close(closed);
    expect(await signIn(closed)).toBeUndefined();
    expect(await signIn(renewed)).toBeDefined();
    known = known && { ...known, generation: 4 };
    expect(await signIn(renewed)).toBeUndefined();
    known = known && { ...known, generation: 3, isDisabled: true };
    expect(await signIn(renewed)).toBeUndefined();
    known = undefined;
    expect(await signIn(renewed)).toBeUndefined();
  });

  it('counts for less than what was sent on purpose', async () => {
    const token = await open();
    expect(await signIn(token, { bearer: 'x' })).toBeUndefined();
    expect(await signIn(token, { basic: { user: 'a', password: 'b' } })).toBeUndefined();
  });

  it.each(['', 'x', 'octs_', `octs_${'a'.repeat(42)}`, `octs_${'a'.repeat(44)}`, `octk_${'a'.repeat(43)}`])(
    'holds nothing else: %j',
    async (token) => {
      expect(await signIn(token)).toBeUndefined();
      expect(looked).toBe(0);
    },
  );
});
