import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BY, byDigest, pushBlob, pushImage, repository, storedKeys } from '../../registry/fixtures.suite.ts';
import type { BackupName } from '../../storage/index.ts';
import { backupKey } from '../../storage/layout.ts';
import { createSamples } from '../../testing/images.ts';
import { openBackupRig, restoreFrom, type BackupRig } from './fixtures.suite.ts';
import type { Backup } from './marker.ts';
import { planPrune } from './prune-backups.ts';

const samples = createSamples('prune');

describe('which backups go', () => {
  const backup = (name: string, lacks = 0) =>
    ({ name, lacking: Array.from({ length: lacks }, () => ({})) }) as unknown as Backup;
  const names = (backups: readonly Backup[]): readonly string[] => backups.map(({ name }) => name);

  it.each([
    ['none where all are kept', ['1', '2', '3'], 0, []],
    ['none where there are fewer', ['1', '2'], 3, []],
    ['the oldest', ['1', '2', '3'], 2, ['1']],
    ['not the last that lacks nothing', ['1', '2', '3!', '4!'], 2, ['1']],
    ['one that lacks nothing, for a newer one', ['1', '2!', '3'], 1, ['1', '2']],
  ])('%s', (_, given, keep, gone) => {
    const backups = given.map((text) => backup(text[0] ?? '', text.length - 1));
    expect(names(planPrune(backups, keep))).toEqual(gone);
  });
});

describe('pruning', () => {
  let rig: BackupRig;
  beforeEach(async () => void (rig = await openBackupRig()));
  afterEach(() => rig.close());

  const make = (keep: number) => {
    rig.clock.nowMs += 60_000;
    return rig.backups({ keep }).make();
  };
  const names = async () => (await rig.backups().list())?.backups.map(({ name }) => name);
  const blobsOf = (driver: BackupRig['driver']) => storedKeys({ ...rig, driver }, 'blobs');

  /** A backup with an image that is gone in the next one. */
  async function makeTwo(keep: number) {
    const [old, young] = [samples.image(), samples.image()];
    await pushImage(rig, 'a', old, 'v1');
    const first = await make(keep);
    await pushImage(rig, 'a', young, 'v1');
    await rig.registry.manifests.delete(BY, repository('a'), byDigest(old.manifest.digest));
    await rig.collect();
    return { first, second: await make(keep) };
  }

  it('takes backups beyond those to keep, and the content that only they name', async () => {
    const { first, second } = await makeTwo(1);
    expect(second.pruned).toMatchObject({ backups: [first.backup.name], blobs: 4, failure: undefined });
    expect(await names()).toEqual([second.backup.name]);
    expect(await blobsOf(rig.targetDriver)).toEqual(await blobsOf(rig.driver));
    const back = await restoreFrom(rig);
    expect(back.restored).toMatchObject({ damages: 0, tags: 1 });
    await back.close();
  });

  it('leaves what any backup that is kept names', async () => {
    const { first, second } = await makeTwo(2);
    expect(second.pruned).toMatchObject({ backups: [], blobs: 0 });
    const back = await restoreFrom(rig, first.backup.name);
    expect(back.restored).toMatchObject({ damages: 0, tags: 1 });
    await back.close();
  });

  it.each([
    ['was cut off', (dump: Buffer) => dump.subarray(0, 100)],
    ['was changed', (dump: Buffer) => Buffer.from(dump.toString().replace('sha256:', 'sha256;'))],
    ['is missing', () => undefined],
  ])('removes no content where a dump that is kept %s', async (_, damage) => {
    const { second } = await makeTwo(0);
    const key = backupKey(second.backup.name, 'dump');
    const content = await rig.targetDriver.objects.open(key);
    let dump = Buffer.alloc(0);
    for await (const chunk of content?.read() ?? []) dump = Buffer.concat([dump, chunk]);
    const damaged = damage(dump);
    if (damaged) await rig.targetDriver.objects.put(key, damaged);
    else await rig.targetDriver.objects.remove(key);
    const before = await blobsOf(rig.targetDriver);
    const third = await make(2);
    expect(third.pruned).toMatchObject({
      blobs: 0,
      failure: expect.stringContaining(`${second.backup.name} is damaged`),
    });
    expect(await blobsOf(rig.targetDriver)).toEqual(before);
    expect(rig.logged.at(-1)).toMatchObject({ message: 'Old backups could not be pruned' });
  });

  it('removes no content beside a backup that a later version made', async () => {
    const name = '2030-01-01T00-00-00Z' as BackupName;
    await rig.target.backups.put(name, 'json', Buffer.from('{"octoserve":"backup","version":2}'));
    const { second } = await makeTwo(1);
    expect(second.pruned).toMatchObject({ blobs: 0, failure: expect.stringContaining('later version') });
  });

  it('lists what the target has shelf by shelf where that is much', async () => {
    for (let each = 0; each < 20; each += 1) await pushBlob(rig, 'a', samples.blob(10));
    const { blobs } = rig.target;
    const shelves: string[] = [];
    const target = {
      ...rig.target,
      blobs: {
        ...blobs,
        async *walk() {
          // As if there were many more.
          for await (const some of blobs.walk()) {
            for (let each = 0; each <= 100_000; each += 1) yield { ...some, digest: `${some.digest}${each}` as never };
          }
        },
      },
      shelf: (...args: Parameters<typeof rig.target.shelf>) => {
        shelves.push(args.join(':'));
        return rig.target.shelf(...args);
      },
    };
    await make(0);
    const { backup } = await rig.backups({ openTarget: async () => target }).make();
    expect(backup).toMatchObject({ content: { blobs: 20 }, copied: { blobs: 0 } });
    expect(shelves.length).toBeGreaterThan(0);
    rig.clock.nowMs += 60_000;
    const loose = samples.blob(10);
    await rig.target.blobs.put(loose.digest, loose.bytes);
    const { pruned } = await rig.backups({ openTarget: async () => target, keep: 1 }).make();
    expect(pruned).toMatchObject({ backups: [{}, {}].map(() => expect.any(String)), blobs: 1, failure: undefined });
    expect(await blobsOf(rig.targetDriver)).toEqual(await blobsOf(rig.driver));
  });
});
