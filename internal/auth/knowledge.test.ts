import { beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogError } from '../catalog/index.ts';
import { createKnowledge, RELIED_MS, type AuthQueries, type Knowledge } from './knowledge.ts';

/** A catalog of one policy, whose answers are counted and can be held back. */
function createCatalog() {
  const state = { version: 1, isAway: false, asked: [] as string[], held: undefined as Promise<void> | undefined };
  const answer =
    <Value>(name: string, value: () => Value) =>
    async (): Promise<Value> => {
      state.asked.push(name);
      await state.held;
      if (state.isAway) throw new CatalogError('busy', 'away');
      return value();
    };
  const user = (name: string) => ({ name, displayName: `of version ${state.version}` });
  const queries = {
    authVersion: answer('version', () => state.version),
    readPolicy: answer('policy', () => ({ roles: [], bindings: [] })),
    findUser: (name: string) => answer(`user ${name}`, () => user(name))(),
    findKey: answer('key', () => undefined),
    findKeyByHash: answer('hash', () => undefined),
    listSigningKeys: answer('signing keys', () => []),
    isTokenRevoked: answer('revoked', () => false),
  } as unknown as AuthQueries;
  return { state, queries };
}

describe('what is known', () => {
  let catalog: ReturnType<typeof createCatalog>;
  let knowledge: Knowledge;
  const time = { ticks: 0 };
  beforeEach(() => {
    catalog = createCatalog();
    time.ticks = 1_000_000;
    knowledge = createKnowledge({ queries: catalog.queries, ticks: () => time.ticks });
  });
  const alice = async () => (await (await knowledge.now()).user('alice'))?.displayName;
  const settled = () => new Promise(setImmediate);

  it('is asked for once, and then answered from memory', async () => {
    for (let times = 0; times < 5; times += 1) expect(await alice()).toBe('of version 1');
    expect(catalog.state.asked).toEqual(['version', 'user alice']);
  });

  it('is looked at again after two seconds, while what is known serves', async () => {
    await alice();
    catalog.state.version = 2;
    time.ticks += 2000;
    expect(await alice()).toBe('of version 1');
    await settled();
    expect(await alice()).toBe('of version 2');
  });

  it('stays where nothing changed', async () => {
    await alice();
    for (let times = 0; times < 3; times += 1) {
      time.ticks += 2000;
      await alice();
      await settled();
    }
    expect(catalog.state.asked).toEqual(['version', 'user alice', 'version', 'version', 'version']);
  });

  it('is waited for where it was not looked at for too long', async () => {
    await alice();
    catalog.state.version = 2;
    time.ticks += RELIED_MS;
    expect(await alice()).toBe('of version 2');
  });

  it('serves while the catalog is away, and no longer than revocations may take', async () => {
    await alice();
    catalog.state.isAway = true;
    time.ticks += RELIED_MS - 1;
    expect(await alice()).toBe('of version 1');
    await settled();
    time.ticks += 1;
    await expect(alice()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    catalog.state.isAway = false;
    expect(await alice()).toBe('of version 1');
  });

  it('is UNAVAILABLE where nothing was ever known', async () => {
    catalog.state.isAway = true;
    await expect(alice()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is counted from when it was asked, not from when the answer came', async () => {
    await alice();
    const { promise, resolve } = Promise.withResolvers<void>();
    catalog.state.held = promise;
    time.ticks += 2000;
    await knowledge.now(); // asks beside
    time.ticks += 1500;
    resolve();
    await settled();
    catalog.state.version = 2;
    time.ticks += 500; // two seconds after it was asked
    await alice();
    await settled();
    expect(await alice()).toBe('of version 2');
  });

  it('keeps nothing that was asked for before a change and came after it', async () => {
    await knowledge.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = await knowledge.now();
    catalog.state.held = promise;
    const late = before.user('alice');
    catalog.state.held = undefined;
    catalog.state.version = 2;
    knowledge.renew();
    expect(await alice()).toBe('of version 2');
    resolve();
    await late;
    expect(await alice()).toBe('of version 2');
  });

  it('keeps no failure', async () => {
    await knowledge.now();
    catalog.state.isAway = true;
    await expect(alice()).rejects.toThrow('away');
    catalog.state.isAway = false;
    expect(await alice()).toBe('of version 1');
  });

  it('is looked at before something is refused, twice a second at most', async () => {
    await alice();
    catalog.state.version = 2;
    time.ticks += 499;
    expect(await knowledge.learn()).toBe(false);
    time.ticks += 1;
    expect([await knowledge.learn(), await knowledge.learn()]).toEqual([true, false]);
    expect(await alice()).toBe('of version 2');
    time.ticks += 500;
    expect(await knowledge.learn()).toBe(false);
    catalog.state.isAway = true;
    time.ticks += 500;
    expect(await knowledge.learn()).toBe(false);
  });

  it('is asked once for however many ask at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => alice()));
    expect(catalog.state.asked).toEqual(['version', 'user alice']);
  });
});
