import { describe, expect, it } from '@jest/globals';
import { DocumentError, type DocumentPlace } from '../../../documents/index.ts';
import type { Origin } from '../../../registry/index.ts';
import type { ColaStore } from '../store.ts';
import { openDocumentStore } from './document-store.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const BY: Origin = { principal: 'alice', address: '127.0.0.1', requestId: 'x' };
const FIELDS = { description: 'd', people: ['a'], customValues: new Map([['k', 'v']]) };
const VERSION = {
  version: '1.0.0',
  checksum: HEX,
  url: 'https://dl.example.org/a.pkg',
  startPartition: 0,
  endPartition: 9,
};

/** A document in memory, which several servers may have. */
class Shelf {
  text: string | undefined;
  state = 0;
  writes = 0;
  loads = 0;
  failure: Error | undefined;
  /** Awaited by each write before it is done. */
  gate: Promise<void> | undefined;

  place(): DocumentPlace {
    return {
      load: async () => {
        this.loads += 1;
        return this.text === undefined ? undefined : { bytes: Buffer.from(this.text), state: `${this.state}` };
      },
      findState: async () => {
        if (this.failure) throw this.failure;
        return this.text === undefined ? undefined : `${this.state}`;
      },
      persist: async (bytes, expected) => {
        await this.gate;
        if (this.failure) throw this.failure;
        if (expected !== (this.text === undefined ? undefined : `${this.state}`)) return { kind: 'changed' };
        this.text = Buffer.from(bytes).toString();
        this.state += 1;
        this.writes += 1;
        return { kind: 'persisted', state: `${this.state}` };
      },
      check: async () => {
        if (this.failure) throw this.failure;
      },
      close: async () => undefined,
    };
  }

  get tree(): unknown {
    return JSON.parse(this.text ?? '');
  }
}

async function open(shelf: Shelf, more: { isShared?: boolean; refusesOverlaps?: boolean; clock?: () => number } = {}) {
  const told: string[] = [];
  const tell = (message: string): void => void told.push(message);
  const store = await openDocumentStore({
    place: shelf.place(),
    isShared: false,
    refusesOverlaps: false,
    clock: () => 7,
    log: { info: tell, warn: tell, error: tell },
    ...more,
  });
  return { store, told };
}

async function fill(store: ColaStore): Promise<void> {
  await store.createRegistry(BY, 'ops', FIELDS);
  await store.createPackage(BY, 'ops', 'rollback', FIELDS);
  await store.createVersion(BY, 'ops', 'rollback', VERSION);
}

describe('the store over a document', () => {
  it('starts a document where there is none, and reads one that is there', async () => {
    const shelf = new Shelf();
    await open(shelf);
    expect(shelf.text).toBe('{\n  "registries": {}\n}');
    const { store } = await open(shelf);
    await fill(store);
    const { store: restarted } = await open(shelf);
    expect(await restarted.getVersion('ops', 'rollback', '1.0.0')).toMatchObject({
      kind: 'found',
      value: { version: '1.0.0', checksum: HEX, source: { kind: 'url', url: VERSION.url } },
    });
  });

  it('never writes over what it cannot read', async () => {
    const shelf = new Shelf();
    shelf.text = '{bad';
    await expect(open(shelf)).rejects.toThrow('the document cannot be read');
    expect(shelf.writes).toBe(0);
  });

  it('keeps the fields that a change does not name', async () => {
    const { store } = await open(new Shelf());
    await fill(store);
    await store.updateRegistry(BY, 'ops', { description: 'other' });
    await store.updatePackage(BY, 'ops', 'rollback', { people: [] });
    expect(await store.getRegistry('ops')).toMatchObject({
      value: { description: 'other', people: ['a'], customValues: FIELDS.customValues, packages: [{ people: [] }] },
    });
  });

  it('says what is absent from the outside in, what exists, and what is deleted with what it holds', async () => {
    const { store } = await open(new Shelf());
    await fill(store);
    const absent = (what: string) => ({ kind: 'absent', what });
    expect(await store.createRegistry(BY, 'ops', FIELDS)).toEqual({ kind: 'exists' });
    expect(await store.createPackage(BY, 'none', 'a', FIELDS)).toEqual(absent('registry'));
    expect(await store.createPackage(BY, 'ops', 'rollback', FIELDS)).toEqual({ kind: 'exists' });
    expect(await store.updatePackage(BY, 'ops', 'none', {})).toEqual(absent('package'));
    expect(await store.createVersion(BY, 'none', 'a', VERSION)).toEqual(absent('registry'));
    expect(await store.createVersion(BY, 'ops', 'none', VERSION)).toEqual(absent('package'));
    expect(await store.createVersion(BY, 'ops', 'rollback', VERSION)).toEqual({ kind: 'exists' });
    expect(await store.createVersion(BY, 'ops', 'rollback', { ...VERSION, version: '2', url: undefined })).toEqual({
      kind: 'noContent',
    });
    expect(await store.deleteVersion(BY, 'ops', 'rollback', '2')).toEqual(absent('version'));
    expect(await store.deleteVersion(BY, 'ops', 'rollback', '1.0.0')).toEqual({ kind: 'deleted' });
    expect(await store.createVersion(BY, 'ops', 'rollback', VERSION)).toMatchObject({ kind: 'created' });
    expect(await store.deletePackage(BY, 'ops', 'rollback')).toEqual({ kind: 'deleted' });
    expect(await store.getVersion('ops', 'rollback', '1.0.0')).toEqual(absent('package'));
    expect(await store.deleteRegistry(BY, 'ops')).toEqual({ kind: 'deleted' });
    expect(await store.getRegistryIndex('ops')).toBeUndefined();
  });

  it('refuses overlapping partitions where it is told to', async () => {
    const { store } = await open(new Shelf(), { refusesOverlaps: true });
    await fill(store);
    expect(await store.createVersion(BY, 'ops', 'rollback', { ...VERSION, version: '2', startPartition: 9 })).toEqual({
      kind: 'overlap',
      with: '1.0.0',
    });
  });

  it('makes one version of twenty at a time', async () => {
    const shelf = new Shelf();
    const { store } = await open(shelf);
    await store.createRegistry(BY, 'ops', FIELDS);
    await store.createPackage(BY, 'ops', 'rollback', FIELDS);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => store.createVersion(BY, 'ops', 'rollback', VERSION)),
    );
    expect(all.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(all.filter(({ kind }) => kind === 'exists')).toHaveLength(19);
  });

  it('gives each state of an index another stamp, and each registry its own', async () => {
    const { store } = await open(new Shelf());
    await fill(store);
    await store.createRegistry(BY, 'other', FIELDS);
    const [ops, other] = [await store.indexStamp('ops'), await store.indexStamp('other')];
    expect(await store.getRegistryIndex('ops')).toMatchObject({
      stamp: ops,
      changedMs: 7,
      versions: [{ version: '1.0.0' }],
    });
    await store.deleteVersion(BY, 'ops', 'rollback', '1.0.0');
    expect(await store.indexStamp('ops')).not.toBe(ops);
    expect(await store.indexStamp('other')).toBe(other);
    expect(await store.indexStamp('none')).toBeUndefined();
  });
});

describe('a write of the store over a document', () => {
  it('that failed changes nothing, and is told as away (acceptance case 37)', async () => {
    const shelf = new Shelf();
    const { store, told } = await open(shelf);
    await fill(store);
    const [before, stamp] = [shelf.text, await store.indexStamp('ops')];
    shelf.failure = new DocumentError('storage', 'persist /d/r.json', 'EROFS');
    await expect(store.createRegistry(BY, 'more', FIELDS)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.deleteRegistry(BY, 'ops')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(shelf.text).toBe(before);
    expect(await store.getRegistry('more')).toMatchObject({ kind: 'absent' });
    expect(await store.indexStamp('ops')).toBe(stamp);
    expect(told).toEqual(['The document cannot be written', 'The document cannot be written']);
    shelf.failure = undefined;
    expect(await store.createRegistry(BY, 'more', FIELDS)).toMatchObject({ kind: 'created' });
  });

  it('is seen by nobody before it is persisted, and waited for by no reader', async () => {
    const shelf = new Shelf();
    const { store } = await open(shelf);
    const { promise, resolve } = Promise.withResolvers<void>();
    shelf.gate = promise;
    const created = store.createRegistry(BY, 'ops', FIELDS);
    expect(await store.listRegistries()).toEqual([]);
    resolve();
    await created;
    expect(await store.listRegistries()).toHaveLength(1);
  });

  it('is decided anew on what another server wrote: nothing is lost (acceptance case 35)', async () => {
    const shelf = new Shelf();
    const [a, b] = [(await open(shelf, { isShared: true })).store, (await open(shelf, { isShared: true })).store];
    await a.createRegistry(BY, 'ops', FIELDS);
    for (let number = 0; number < 10; number += 1) {
      await Promise.all([
        a.createPackage(BY, 'ops', `a${number}`, FIELDS),
        b.createPackage(BY, 'ops', `b${number}`, FIELDS),
      ]);
    }
    const found = await (await open(shelf)).store.listPackages('ops');
    expect(found.kind === 'found' && found.value).toHaveLength(20);
  });

  it('stumbles over nothing that another server has deleted', async () => {
    const shelf = new Shelf();
    const [a, b] = [(await open(shelf, { isShared: true })).store, (await open(shelf, { isShared: true })).store];
    await a.createRegistry(BY, 'ops', FIELDS);
    expect(await b.createRegistry(BY, 'ops', FIELDS)).toEqual({ kind: 'exists' });
    await b.deleteRegistry(BY, 'ops');
    expect(await a.createRegistry(BY, 'ops', FIELDS)).toMatchObject({ kind: 'created' });
  });

  it('is looked for no more often where the document is away', async () => {
    const shelf = new Shelf();
    let nowMs = 0;
    const { store, told } = await open(shelf, { isShared: true, clock: () => nowMs });
    shelf.failure = new DocumentError('network', 'look at /d/r.json', 'ECONNREFUSED');
    nowMs = 5000;
    for (let read = 0; read < 10; read += 1) {
      await store.listRegistries();
      await new Promise(setImmediate);
    }
    expect(told).toEqual(['The document cannot be loaded again']);
  });

  it('of another server is seen after a while', async () => {
    const shelf = new Shelf();
    let nowMs = 0;
    const [a, b] = [(await open(shelf, { isShared: true, clock: () => nowMs })).store, (await open(shelf)).store];
    await b.createRegistry(BY, 'ops', FIELDS);
    expect(await a.listRegistries()).toEqual([]);
    const before = shelf.loads;
    nowMs = 5000;
    await a.listRegistries();
    await new Promise(setImmediate);
    expect(await a.listRegistries()).toHaveLength(1);
    nowMs = 10_000; // by now nothing has changed: it is looked at, and not loaded
    await a.listRegistries();
    await new Promise(setImmediate);
    expect(shelf.loads - before).toBe(1);
  });
});
