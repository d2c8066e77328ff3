import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { digestOf, type UploadId } from '../../pkg/oci/index.ts';
import type { Catalog, CommandName } from '../catalog/index.ts';
import { uploadKey } from '../storage/layout.ts';
import { BY, bodyOf, Feed, NO_BODY, openRig, repository, storedKeys, type Rig } from './fixtures.suite.ts';

const REPOSITORY = repository('team/app');
const HELLO = digestOf(Buffer.from('helloworld'));
const SECOND = 1000;

/** A catalog on which something else happens just before a command. */
function interrupted(catalog: Catalog, before: Partial<Record<CommandName, () => Promise<unknown>>>): Catalog {
  return {
    ...catalog,
    run: async (name, args) => {
      await before[name]?.();
      return catalog.run(name, args);
    },
  };
}

describe('a finish that lost its session', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  async function startedUpload(): Promise<UploadId> {
    const started = await rig.registry.uploads.start(BY, REPOSITORY, { algorithm: 'sha256' });
    if (started.kind !== 'started') throw new Error(started.kind);
    await rig.registry.uploads.append(BY, REPOSITORY, started.id, bodyOf('hello'));
    return started.id;
  }
  const isHeld = async (): Promise<boolean> => (await rig.catalog.queries.findBlob(REPOSITORY, HELLO)) !== undefined;

  it.each(['cancelled', 'expired'] as const)('gives the repository nothing when it was %s meanwhile', async (how) => {
    let id: UploadId;
    const end = async (): Promise<void> => {
      rig.clock.nowMs += 48 * 60 * 60 * SECOND;
      if (how === 'cancelled') await rig.catalog.run('cancelUpload', { by: BY, nowMs: 0, repository: REPOSITORY, id });
      else await rig.registry.chores.sweepUploads();
    };
    rig = await openRig({ wrapCatalog: (catalog) => interrupted(catalog, { finishUpload: end }) });
    id = await startedUpload();
    await expect(rig.registry.uploads.finish(BY, REPOSITORY, id, HELLO, bodyOf('world'))).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
    expect(await isHeld()).toBe(false);
    await expect(rig.registry.blobs.stat(REPOSITORY, HELLO)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });

  it('ends the session whose bytes are gone, so that its offset is no lie', async () => {
    rig = await openRig();
    const id = await startedUpload();
    await rig.driver.staging.discard(uploadKey(id));
    const unknown = { code: 'BLOB_UPLOAD_UNKNOWN' };
    await expect(rig.registry.uploads.append(BY, REPOSITORY, id, bodyOf('world'))).rejects.toMatchObject(unknown);
    await expect(rig.registry.uploads.status(BY, REPOSITORY, id)).rejects.toMatchObject(unknown);
  });

  it('leaves the session to whoever took it over', async () => {
    rig = await openRig();
    const id = await startedUpload();
    const feed = new Feed();
    const silent = rig.registry.uploads.finish(BY, REPOSITORY, id, HELLO, { stream: feed });
    silent.catch(() => undefined);
    await feed.send('wor');
    rig.clock.nowMs += 31 * SECOND;
    await rig.registry.uploads.append(BY, REPOSITORY, id, bodyOf('wo'));
    feed.end();
    await expect(silent).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await isHeld()).toBe(false);
    expect(await rig.registry.uploads.status(BY, REPOSITORY, id)).toBe(7);
  });

  it('is told so when it is cancelled while it still sends', async () => {
    rig = await openRig();
    const id = await startedUpload();
    const feed = new Feed();
    const sending = rig.registry.uploads.finish(BY, REPOSITORY, id, HELLO, { stream: feed });
    sending.catch(() => undefined);
    await feed.send('wor');
    await rig.registry.uploads.cancel(BY, REPOSITORY, id);
    await expect(sending).rejects.toMatchObject({ code: expect.stringMatching(/^(UNAVAILABLE|BLOB_UPLOAD_UNKNOWN)$/) });
    expect(await isHeld()).toBe(false);
    await expect(rig.registry.uploads.status(BY, REPOSITORY, id)).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
    expect(await storedKeys(rig, 'uploads')).toEqual([]);
  });

  it('may be repeated when the answer to it was lost', async () => {
    let fail = true;
    const once = async (): Promise<void> => {
      if (!fail) return;
      fail = false;
      throw new Error('the connection to the catalog broke');
    };
    rig = await openRig({ wrapCatalog: (catalog) => interrupted(catalog, { finishUpload: once }) });
    const id = await startedUpload();
    await expect(rig.registry.uploads.finish(BY, REPOSITORY, id, HELLO, bodyOf('world'))).rejects.toThrow('broke');
    expect(await rig.registry.uploads.status(BY, REPOSITORY, id)).toBe(5);
    expect(await rig.registry.uploads.finish(BY, REPOSITORY, id, HELLO, bodyOf('world'))).toMatchObject({
      digest: HELLO,
    });
    expect(await isHeld()).toBe(true);
  });
});

describe('a finish that takes longer than a claim lasts', () => {
  let rig: Rig;
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] }));
  afterEach(async () => {
    jest.useRealTimers();
    await rig.close();
  });

  /** A session of 5 bytes whose publishing lasts until it is told to go on. */
  async function publishing() {
    const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    rig = await openRig({
      wrapDriver: (driver) => ({
        ...driver,
        staging: {
          ...driver.staging,
          publish: async (...args) => {
            reached.resolve();
            await gate.promise;
            await driver.staging.publish(...args);
          },
        },
      }),
    });
    const started = await rig.registry.uploads.start(BY, REPOSITORY, { algorithm: 'sha256' });
    if (started.kind !== 'started') throw new Error(started.kind);
    const { id } = started;
    await rig.registry.uploads.append(BY, REPOSITORY, id, bodyOf('hello'));
    const finishing = rig.registry.uploads.finish(BY, REPOSITORY, id, HELLO, bodyOf('world'));
    finishing.catch(() => undefined);
    await reached.promise;
    return { id, finishing, goOn: gate.resolve };
  }

  async function pass(seconds: number): Promise<void> {
    for (let turn = 0; turn < seconds; turn += 1) {
      rig.clock.nowMs += SECOND;
      jest.advanceTimersByTime(SECOND);
      await new Promise(setImmediate);
    }
  }

  it('keeps the session all the while: nobody else can go on with it', async () => {
    const { id, finishing, goOn } = await publishing();
    for (let turn = 0; turn < 9; turn += 1) {
      await pass(21);
      const other = await rig.registry.uploads.append(BY, REPOSITORY, id, bodyOf('there'));
      expect(other).toEqual({ kind: 'refused', offsetBytes: 5 });
    }
    goOn();
    expect(await finishing).toEqual({ kind: 'finished', digest: HELLO });
    expect(await rig.catalog.queries.findBlob(REPOSITORY, HELLO)).toEqual({ sizeBytes: 10 });
  });

  it('stops to keep it when it is over', async () => {
    const { finishing, goOn } = await publishing();
    goOn();
    await finishing;
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('sessions that nobody goes on with', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const HOUR = 60 * 60 * SECOND;

  const start = () => rig.registry.uploads.start(BY, REPOSITORY, { algorithm: 'sha256' });
  const storedUploads = async (): Promise<number> => (await storedKeys(rig, 'uploads')).length;

  it('are limited, and make room when they expire', async () => {
    rig = await openRig({ config: { 'registry.upload_limit': 250 } });
    for (let turn = 0; turn < 250; turn += 1) await start();
    await expect(start()).rejects.toMatchObject({ code: 'TOOMANYREQUESTS', detail: ['250 uploads are open'] });
    rig.clock.nowMs += 24 * HOUR + 1;
    expect(await rig.registry.chores.sweepUploads()).toEqual({ expired: 250, orphans: 0 });
    expect(await start()).toMatchObject({ kind: 'started' });
  });

  it('expire a day after their last byte, not after their start', async () => {
    rig = await openRig();
    const [old, fresh] = [await start(), await start()];
    if (old.kind !== 'started' || fresh.kind !== 'started') throw new Error('not started');
    for (const { id } of [old, fresh]) await rig.registry.uploads.append(BY, REPOSITORY, id, bodyOf('hello'));
    rig.clock.nowMs += 20 * HOUR;
    await rig.registry.uploads.append(BY, REPOSITORY, fresh.id, bodyOf('world'));
    rig.clock.nowMs += 5 * HOUR;
    expect(await rig.registry.chores.sweepUploads()).toEqual({ expired: 1, orphans: 0 });
    expect(await storedUploads()).toBe(1);
    await expect(rig.registry.uploads.status(BY, REPOSITORY, old.id)).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
    expect(await rig.registry.uploads.finish(BY, REPOSITORY, fresh.id, HELLO, NO_BODY)).toMatchObject({
      kind: 'finished',
    });
  });

  it('stay while bytes move, however long that takes', async () => {
    rig = await openRig();
    const started = await start();
    if (started.kind !== 'started') throw new Error(started.kind);
    const feed = new Feed();
    const sending = rig.registry.uploads.append(BY, REPOSITORY, started.id, {
      stream: feed,
      expectedBytes: 10_000_000,
    });
    for (let hour = 0; hour < 30; hour += 1) {
      for (let turn = 0; turn < 150; turn += 1) {
        rig.clock.nowMs += 24 * SECOND;
        await feed.send('x');
      }
      expect(await rig.registry.chores.sweepUploads()).toEqual({ expired: 0, orphans: 0 });
    }
    feed.end();
    expect(await sending).toMatchObject({ kind: 'accepted', offsetBytes: 4500 });
  });

  it('leave bytes that are swept, while those that may still be written to stay', async () => {
    rig = await openRig();
    const options = { algorithm: 'sha256', sync: true } as const;
    const orphan = async (id: string): Promise<void> => {
      await rig.storage.uploads.append(id as UploadId, { offsetBytes: 0 }, bodyOf('left').stream, options);
    };
    await orphan('00000000-0000-4000-8000-000000000001');
    rig.clock.nowMs += 25 * HOUR;
    await orphan('00000000-0000-4000-8000-000000000002');
    expect(await rig.registry.chores.sweepUploads()).toEqual({ expired: 0, orphans: 1 });
    expect(await storedUploads()).toBe(1);
  });
});
