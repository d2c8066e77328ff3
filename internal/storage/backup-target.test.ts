import { randomUUID } from 'node:crypto';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../pkg/oci/index.ts';
import { startS3Server, type S3Server } from '../testing/s3/server.ts';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { gather } from './content.ts';
import {
  backupNameAt,
  openBackupSource,
  openBackupTarget,
  type BackupPlace,
  type BackupS3Config,
  type BackupTarget,
  type StorageConfig,
} from './index.ts';
import { NO_SETTINGS } from './s3/fixtures.suite.ts';

const deps = { clock: Date.now, uuid: randomUUID };
const NAME = backupNameAt(0);
const NOBODY = new AbortController().signal;
const HELLO = Buffer.from('helloworld');

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();
async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe.each(['folder', 's3'] as const)('a backup target in %s', (kind) => {
  let folder: TempFolder;
  let server: S3Server | undefined;
  let place: BackupPlace;
  let config: StorageConfig & BackupS3Config;
  let target: BackupTarget;
  beforeEach(async () => {
    folder = await openTempFolder('octoserve-target');
    server = kind === 's3' ? await startS3Server() : undefined;
    place = server
      ? { kind: 's3', bucket: server.bucket, prefix: 'backups/of-one' }
      : { kind: 'folder', path: join(folder.path, 'back ups') };
    config = {
      ...NO_SETTINGS,
      'storage.type': 'filesystem',
      'storage.path': join(folder.path, 'data'),
      'backup.s3.endpoint': server?.endpoint,
      'backup.s3.access_key_id': server?.accessKeyId,
      'backup.s3.secret_access_key': server?.secretAccessKey,
      'backup.s3.checksums': 'auto',
    } as StorageConfig & BackupS3Config;
    target = await openBackupTarget(place, config, deps);
  });
  afterEach(async () => {
    await target.close();
    await server?.close();
    await folder.remove();
  });

  it('keeps the files of a backup, and lists them', async () => {
    await target.backups.put(NAME, 'begun', Buffer.from('{}'));
    const written = await target.backups.write(NAME, 'dump', pieces('hello', 'world'), NOBODY);
    expect(written).toEqual({ sizeBytes: 10, sha256: digestOf(HELLO).slice('sha256:'.length) });
    const found = (await all(target.backups.list())).toSorted((a, b) => a.file.localeCompare(b.file));
    expect(found).toMatchObject([
      { name: NAME, file: 'begun', sizeBytes: 2 },
      { name: NAME, file: 'dump', sizeBytes: 10 },
    ]);
    expect(text(await target.backups.read(NAME, 'begun'))).toBe('{}');
    const content = await target.backups.open(NAME, 'dump');
    expect(text(content && (await gather(content, 100)))).toBe('helloworld');
    await target.backups.remove(NAME, 'begun');
    expect(await target.backups.read(NAME, 'begun')).toBeUndefined();
  });

  it('has nothing of a file whose bytes broke off, nor of one that was cancelled', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(600_000);
      throw new Error('broke off');
    }
    await expect(target.backups.write(NAME, 'dump', broken(), NOBODY)).rejects.toThrow('broke off');
    const cancelled = target.backups.write(NAME, 'dump', pieces('a'), AbortSignal.abort(new Error('cancelled')));
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(await all(target.backups.list())).toEqual([]);
    expect(await all(target.uploads.list())).toEqual([]);
  });

  it('keeps content as storage does, and lists a shelf of it', async () => {
    const digest = digestOf(HELLO);
    await target.blobs.put(digest, HELLO);
    const beginning = digest.slice('sha256:'.length, 'sha256:'.length + 2);
    expect(await all(target.shelf('sha256', beginning))).toMatchObject([{ digest, sizeBytes: 10 }]);
    expect(await all(target.shelf('sha512', beginning))).toEqual([]);
  });

  it('can be read by who only reads', async () => {
    await target.backups.put(NAME, 'json', Buffer.from('{}'));
    await target.blobs.put(digestOf(HELLO), HELLO);
    const source = await openBackupSource(place, config, deps);
    expect(text(await source?.backups.read(NAME, 'json'))).toBe('{}');
    expect(await source?.blobs.stat(digestOf(HELLO))).toEqual({ sizeBytes: 10 });
    await source?.close();
  });
});

describe('a backup target', () => {
  let folder: TempFolder;
  beforeEach(async () => void (folder = await openTempFolder('octoserve-target')));
  afterEach(() => folder.remove());
  const inFolder = (path: string) => {
    const config = { ...NO_SETTINGS, 'storage.type': 'filesystem', 'storage.path': join(folder.path, 'data') };
    return openBackupTarget({ kind: 'folder', path: join(folder.path, path) }, config as never, deps);
  };
  const inBucket = (prefix: string | undefined, own: string | undefined) => {
    const config = { ...NO_SETTINGS, 'storage.type': 's3', 'storage.s3.bucket': 'b', 'storage.s3.prefix': own };
    const endpoints = {
      'storage.s3.endpoint': 'http://S3.example.com:80',
      'backup.s3.endpoint': 'http://s3.example.com/',
    };
    const settings = { ...config, ...endpoints, 'backup.s3.checksums': 'auto' };
    return openBackupTarget({ kind: 's3', bucket: 'b', prefix }, settings as never, deps);
  };

  it.each(['data', 'data/backup', '.', 'link', 'link/backup/deep'])('is refused at %s of the storage', async (path) => {
    await mkdir(join(folder.path, 'data'));
    await symlink(join(folder.path, 'data'), join(folder.path, 'link'));
    await expect(inFolder(path)).rejects.toThrow('in one another');
  });

  it.each([
    [undefined, undefined],
    [undefined, 'data'],
    ['data/backup', 'data'],
    ['data', 'data/'],
  ])('is refused at prefix %s of the bucket of storage at %s', async (prefix, own) => {
    await expect(inBucket(prefix, own)).rejects.toThrow('in one another');
  });

  it('may be beside the storage, though its name begins alike', async () => {
    const [folderTarget, bucketTarget] = [await inFolder('data-backup'), await inBucket('data-backup', 'data')];
    expect(await all(folderTarget.backups.list())).toEqual([]);
    await Promise.all([folderTarget.close(), bucketTarget.close()]);
  });

  it('lets nobody else into its folder', async () => {
    const target = await inFolder('backup');
    await target.backups.put(NAME, 'json', HELLO);
    expect((await stat(join(folder.path, 'backup'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder.path, 'backup', 'backups'))).mode & 0o777).toBe(0o700);
    await target.close();
  });

  it('says of a place that is no folder which setting it is', async () => {
    await writeFile(join(folder.path, 'file'), '');
    const opening = inFolder('file');
    await expect(opening).rejects.toThrow(/^backup target .*file: .*set backup\.target/);
  });
});
