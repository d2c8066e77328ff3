import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Catalog } from '../../catalog/index.ts';
import {
  BY,
  newUploadId,
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  pushManifest,
  replaceContent,
  repository,
  type Rig,
} from '../../registry/fixtures.suite.ts';
import { backupKey, blobKey } from '../../storage/layout.ts';
import { createSamples } from '../../testing/images.ts';
import { createTold, readDump } from '../fixtures.suite.ts';
import { NOBODY, openBackupRig, restoreFrom, type BackupRig } from './fixtures.suite.ts';
import { chooseBackup, listBackups } from './list-backups.ts';
import { checkBackup, restoreBackup } from './restore-backup.ts';

const MIB = 1024 * 1024;
const samples = createSamples('restore');

describe('restoring a backup', () => {
  let rig: BackupRig;
  beforeEach(async () => void (rig = await openBackupRig()));
  afterEach(() => rig.close());
  const make = () => {
    rig.clock.nowMs += 60_000;
    return rig.backups().make();
  };

  async function change(name: string, file: 'dump' | 'json', how: (text: string) => string): Promise<void> {
    const key = backupKey(name as never, file);
    const content = await rig.targetDriver.objects.open(key);
    let text = '';
    for await (const chunk of content?.read() ?? []) text += Buffer.from(chunk).toString();
    await rig.targetDriver.objects.put(key, Buffer.from(how(text)));
  }

  it('brings users, keys and the log back too', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    await rig.registry.chores.followChanges();
    await rig.catalog.run('recordEvents', {
      events: [{ by: BY, nowMs: 1, action: 'access.push', name: 'PUT x', result: 'denied' }],
    });
    await rig.registry.chores.followChanges();
    await make();
    const back = await restoreFrom(rig);
    expect((await readDump(back.catalog)).split('\n').filter((line) => line.includes('"kind":"change"'))).toEqual(
      (await readDump(rig.catalog)).split('\n').filter((line) => line.includes('"kind":"change"')),
    );
    await back.close();
  });

  it('takes the last one, or the last whose name begins as is asked', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    const first = await make();
    await pushImage(rig, 'a', samples.image(), 'v2');
    await make();
    const [last, before] = [await restoreFrom(rig), await restoreFrom(rig, first.backup.name)];
    expect([last.restored.tags, before.restored.tags]).toEqual([2, 1]);
    await expect(restoreFrom(rig, '2027')).rejects.toThrow('no backup whose name begins with 2027');
    await Promise.all([last.close(), before.close()]);
  });

  it('refuses a registry that holds something', async () => {
    await pushBlob(rig, 'a', samples.blob(10));
    await make();
    const other = await openRig();
    await pushBlob(other, 'b', samples.blob(10));
    await expect(restoreFrom(rig, undefined, other)).rejects.toThrow('notEmpty');
    await other.close();
  });

  it('tells of content that is missing, cut off or changed in the backup, restores the rest, and lists the tags', async () => {
    const [hurt, fine] = [samples.image({ layers: 3 }), samples.image()];
    await pushImage(rig, 'a', hurt, 'v1');
    await pushManifest(rig, 'a', samples.index([hurt.manifest]), 'all');
    await pushImage(rig, 'b', fine, 'v1');
    await make();
    const [, missing, cut, flipped] = hurt.blobs;
    await rig.target.blobs.remove(missing!.digest);
    await rig.targetDriver.objects.put(blobKey(cut!.digest), cut!.bytes.subarray(1));
    const bytes = Buffer.from(flipped!.bytes);
    bytes[7]! ^= 1;
    await rig.targetDriver.objects.put(blobKey(flipped!.digest), bytes);
    const back = await restoreFrom(rig);
    const told = new Map(back.problems.map(({ digest, detail }) => [digest, detail]));
    expect([...told].length).toBe(3);
    expect(told.get(missing!.digest)).toBe('in the backup it is missing');
    expect(told.get(cut!.digest)).toContain('bytes, not');
    expect(told.get(flipped!.digest)).toContain('not what its digest says');
    expect(back.restored).toMatchObject({ damages: 3, tags: 3 });
    expect(back.restored.incomplete.map(({ repository: name, tag }) => `${name}:${tag}`)).toEqual(['a:all', 'a:v1']);
    expect(await back.rig.storage.blobs.stat(flipped!.digest)).toBeUndefined();
    // Who pushes it again mends it.
    for (const blob of [missing, cut, flipped]) await pushBlob(back.rig, 'a', blob!);
    expect((await back.rig.registry.blobs.stat(repository('a'), flipped!.digest)).sizeBytes).toBe(flipped!.size);
    await back.close();
  });

  describe('of a registry with quarantined content', () => {
    const image = samples.image({ layers: 2, layerBytes: 2 * MIB });
    const [saved, lost] = [image.blobs[1]!, image.blobs[2]!];

    /** The first layer was backed up before it went bad. */
    beforeEach(async () => {
      await pushBlob(rig, 'a', saved);
      await make();
      await pushImage(rig, 'a', image, 'v1');
      for (const { digest, size } of [saved, lost]) {
        await replaceContent(rig, digest, Buffer.alloc(size, 1));
        await rig.catalog.run('quarantine', { by: BY, nowMs: 1, digest, problem: 'wrong content' });
      }
      await make();
    });
    const quarantined = async ({ catalog }: Pick<Rig, 'catalog'>) =>
      (await catalog.queries.listQuarantine({ limit: 9 })).map(({ digest }) => digest);
    const unknown = { code: 'BLOB_UNKNOWN' };

    it('gives what the backup has good, and tells of the rest, which nobody is given', async () => {
      const back = await restoreFrom(rig);
      expect(await quarantined(back)).toEqual([lost.digest]);
      expect((await pullBlob(back.rig, 'a', saved.digest)).equals(saved.bytes)).toBe(true);
      await expect(pullBlob(back.rig, 'a', lost.digest)).rejects.toMatchObject(unknown);
      expect(back.problems.map(({ digest }) => digest)).toEqual([lost.digest]);
      expect(back.restored.incomplete).toMatchObject([{ tag: 'v1', lacks: lost.digest }]);
      await pushBlob(back.rig, 'a', lost);
      expect(await quarantined(back)).toEqual([]);
      await back.close();
    });

    it('replaces what is as bad where it is restored to', async () => {
      const same = await openRig({ wrapDriver: () => rig.driver });
      const back = await restoreFrom(rig, undefined, same);
      expect(await quarantined(back)).toEqual([lost.digest]);
      expect((await pullBlob(same, 'a', saved.digest)).equals(saved.bytes)).toBe(true);
      await expect(pullBlob(same, 'a', lost.digest)).rejects.toMatchObject(unknown);
      expect(back.problems.map(({ digest }) => digest)).toEqual([lost.digest]);
      await same.close();
    });
  });

  it.each([
    ['a dump that is cut off', 'dump', (text: string) => text.slice(0, 200), 'its dump has 200 bytes'],
    [
      'a flipped byte in the dump',
      'dump',
      (text: string) => text.replace('"createdMs":1', '"createdMs":2'),
      'checksum',
    ],
    [
      'a dump of a later version',
      'dump',
      (text: string) => text.replace('"version":2', '"version":9'),
      'later version',
    ],
    ['a marker that is cut off', 'json', (text: string) => text.slice(0, -10), 'not JSON'],
    [
      'a marker of another backup',
      'json',
      (text: string) => text.replace('"name": "2026', '"name": "2025'),
      'another backup',
    ],
    [
      'a backup of a later version',
      'json',
      (text: string) => text.replace('"version": 1', '"version": 2'),
      'later version',
    ],
    [
      'a marker that says too little',
      'json',
      (text: string) => text.replace('"finished"', '"fin"'),
      'does not say finished',
    ],
  ] as const)('is refused for %s, and says so', async (_, file, how, message) => {
    await pushBlob(rig, 'a', samples.blob(10));
    const { backup } = await make();
    await change(backup.name, file, how);
    await expect(restoreFrom(rig)).rejects.toThrow(message);
    await expect(restoreFrom(rig)).rejects.toThrow(backup.name);
  });

  it('says of a dump that is missing which backup that is', async () => {
    const { backup } = await make();
    await rig.target.backups.remove(backup.name, 'dump');
    await expect(restoreFrom(rig)).rejects.toThrow(`backup ${backup.name} is damaged: its dump is missing`);
  });

  it('goes on where it broke off, and refuses another backup until then', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    await make();
    await pushImage(rig, 'a', samples.image(), 'v2');
    const { backup } = await make();
    const other = await openRig();
    const { onProblem, onProgress } = createTold();
    const end = await checkBackup(rig.target, backup);
    const breaking = restoreBackup(
      {
        source: rig.target,
        backup,
        end,
        storage: other.storage,
        catalog: other.catalog,
        verify: () => Promise.reject(new Error('broke off')),
        newUploadId,
        clock: () => 1,
        random: () => 0.5,
        onProblem,
        onProgress,
      },
      NOBODY,
    );
    await expect(breaking).rejects.toThrow('broke off');
    expect(await other.catalog.queries.findRestore()).toBe(`restore ${end.sha256}`);
    const [first] = (await listBackups(rig.target.backups)).backups;
    await expect(restoreFrom(rig, first!.name, other)).rejects.toThrow('unfinished');
    const back = await restoreFrom(rig, undefined, other);
    expect(back.restored).toMatchObject({ there: back.restored.blobs, damages: 0, tags: 2 });
    expect(await other.catalog.queries.findRestore()).toBeUndefined();
    // What was not sealed yet has no number by which a second coming is known.
    const changes = async (catalog: Catalog) => (await readDump(catalog)).match(/"kind":"change"/g)?.length;
    expect(await changes(other.catalog)).toBe(await changes(rig.catalog));
    await other.close();
  });

  it('does not take an older backup in place of one that cannot be read', async () => {
    await make();
    const { backup } = await make();
    await change(backup.name, 'json', () => '{');
    const list = await listBackups(rig.target.backups);
    expect(list.backups).toHaveLength(1);
    expect(() => chooseBackup(list, undefined)).toThrow(`backup ${backup.name} is damaged`);
  });
});
