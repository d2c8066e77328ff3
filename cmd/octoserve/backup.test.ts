import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { encodedOf, type Digest } from '../../pkg/oci/index.ts';
import { pushImage, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { createSamples } from '../../internal/testing/images.ts';
import { startS3Server, type S3Server } from '../../internal/testing/s3/server.ts';
import { useWorkshop } from './fixtures.suite.ts';

jest.setTimeout(60_000); // each command opens and closes its stores, and there are several in a test

const samples = createSamples('cmd backup');
const image = samples.image();
const workshop = useWorkshop((rig) => pushImage(rig as Rig, 'team/app', image, '1.0'));
const target = (): string => join(workshop.cwd, 'back ups');
const blobPath = (digest: Digest): string => {
  const hex = encodedOf(digest);
  return join(target(), 'blobs/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
};
const restoreTo = (...more: readonly string[]) =>
  workshop.run('restore', target(), `--storage.path=${join(workshop.cwd, 'other')}`, ...more);

describe('octoserve backup', () => {
  beforeEach(() => workshop.fill());

  it('makes a backup that another registry is restored from, with all that there was', async () => {
    const made = await workshop.run('backup', target());
    expect([made.exitCode, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toMatch(
      /^Made backup \S+ of 4 blobs \([\d,]+ bytes\), 4 blobs \([\d,]+ bytes\) of them copied\.\n$/,
    );
    const restored = await restoreTo();
    expect([restored.exitCode, restored.stderr]).toEqual([0, '']);
    expect(restored.stdout).toMatch(
      /^Restored 1 tag, 1 manifest and 4 blobs \([\d,]+ bytes\) of backup \S+Z\. Every tag is complete\.\n$/,
    );
    expect(await workshop.logical(join(workshop.cwd, 'other/catalog.db'))).toBe(await workshop.logical());
    expect(await workshop.run('verify', '--content', `--storage.path=${join(workshop.cwd, 'other')}`)).toMatchObject({
      exitCode: 0,
      stdout: 'Looked at 4 blobs, 1 manifest and 1 tag: nothing is wrong.\n',
    });
  });

  it('copies only what is new, keeps as many as it is told, and lists them', async () => {
    await workshop.run('backup', target());
    const { lines } = await workshop.lines('backup', target(), '--keep', '1');
    expect(lines).toMatchObject([{ kind: 'summary', copied: { blobs: 0 }, lacking: 0, pruned: { blobs: 0 } }]);
    expect((lines[0] as { pruned: { backups: string[] } }).pruned.backups).toHaveLength(1);
    const listed = await workshop.run('backup', 'list', target(), '--json');
    expect(listed.exitCode).toBe(0);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      backups: [{ content: { blobs: 4 } }],
      unreadable: [],
      unfinished: [],
    });
    const { stdout } = await workshop.run('backup', 'list', target());
    expect(stdout.split('\n')[0]).toMatch(/^backup +finished +blobs +bytes +copied +lacking +host +version$/);
    expect(stdout.split('\n')[1]).toMatch(/^\d{4}-\S+Z +\S+Z +4 +\S+ +0 +0 /);
  });

  it('goes to the target of the configuration where none is named', async () => {
    expect(await workshop.run('backup')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('name a folder or s3://bucket/prefix, or set backup.target'),
    });
    expect((await workshop.run('backup', `--backup.target=${target()}`)).exitCode).toBe(0);
    expect((await workshop.run('backup', 'list', `--backup.target=${target()}`)).stdout).toContain('finished');
  });

  it.each([
    ['data', /^Storage: .*in one another: name a place apart from it/],
    ['data/backup', /^Storage: .*in one another/],
    ['file', /^Storage: backup target .*file: .*set backup\.target to a folder/],
  ])('refuses %s for a target', async (path, message) => {
    await writeFile(join(workshop.cwd, 'file'), '');
    const { exitCode, stderr } = await workshop.run('backup', path);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect((await readdir(workshop.data)).toSorted()).not.toContain('backup');
  });

  it.each([
    ['s3://key:secret@bucket', 'must name a bucket'],
    ['https://bucket', 'must be a folder or s3://bucket/prefix'],
  ])('takes %s for wrong usage', async (place, message) => {
    expect(await workshop.run('backup', place)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it('takes a count to keep and nothing else', async () => {
    expect(await workshop.run('backup', target(), '--keep', 'all')).toMatchObject({ exitCode: 2 });
  });

  it('says what the storage has lost, exit 1, and the list says so too', async () => {
    const layer = image.blobs[1]!;
    const hex = encodedOf(layer.digest);
    await rm(join(workshop.data, 'blobs/sha256', hex.slice(0, 2), hex.slice(2, 4), hex));
    const { exitCode, stdout } = await workshop.run('backup', target());
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`content lacking: ${layer.digest} (it is missing)\n`);
    expect((await workshop.run('backup', 'list', target())).exitCode).toBe(1);
  });

  it('lets nobody else read what it writes', async () => {
    await workshop.run('backup', target());
    expect((await stat(target())).mode & 0o777).toBe(0o700);
  });
});

describe('octoserve backup verify', () => {
  beforeEach(async () => {
    await workshop.fill();
    await workshop.run('backup', target());
  });

  it('says that all is as it was written', async () => {
    const { exitCode, stdout } = await workshop.run('backup', 'verify', target());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Backup \S+Z has 4 blobs \([\d,]+ bytes\), all as they were written\.\n$/);
  });

  it('names what is missing, cut off or changed, and the tags that it hurts, exit 1', async () => {
    const [config, first, second] = image.blobs;
    await rm(blobPath(config!.digest));
    await writeFile(blobPath(first!.digest), first!.bytes.subarray(1));
    await writeFile(blobPath(second!.digest), Buffer.alloc(second!.size, 1));
    const { exitCode, lines } = await workshop.lines('backup', 'verify', target());
    expect(exitCode).toBe(1);
    const told = new Map(
      lines.map((line) => line as Record<string, string>).map(({ digest, detail }) => [digest, detail]),
    );
    expect(told.get(config!.digest)).toBe('missing');
    expect(told.get(first!.digest)).toBe(`it has ${first!.size - 1} bytes, not ${first!.size}`);
    expect(told.get(second!.digest)).toBe('wrong content');
    expect(lines.slice(-2)).toMatchObject([
      { kind: 'tag incomplete', repository: 'team/app', name: '1.0' },
      { kind: 'summary', blobs: 4, lacking: 3, incomplete: 1 },
    ]);
  });

  it('of content that was removed there, the next backup brings it again', async () => {
    await rm(blobPath(image.blobs[1]!.digest));
    expect((await workshop.run('backup', target())).stdout).toContain(' 1 blob (');
    expect((await workshop.run('backup', 'verify', target())).exitCode).toBe(0);
  });
});

describe('octoserve restore', () => {
  beforeEach(async () => {
    await workshop.fill();
    await workshop.run('backup', target());
  });

  it('refuses to fill the storage that the backup is in, whose collections would take from it', async () => {
    for (const path of [target(), join(target(), 'data'), workshop.cwd]) {
      expect(await workshop.run('restore', target(), `--storage.path=${path}`)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^Storage: .*in one another: name a place apart from it/),
      });
    }
    expect((await readdir(target())).toSorted()).toEqual(['backups', 'blobs', 'manifests', 'uploads']);
  });

  it('refuses a registry that holds something, and moves its catalog aside when it is told to', async () => {
    expect(await workshop.run('restore', target())).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^The catalog is not empty\nWith --replace/),
    });
    const before = await workshop.logical();
    expect(await workshop.run('restore', target(), '--replace')).toMatchObject({ exitCode: 0 });
    expect(await workshop.logical()).toBe(before);
  });

  it('lists what is not complete where the backup was damaged, exit 1', async () => {
    const [, missing, flipped] = [image.manifest, image.blobs[1]!, image.blobs[2]!];
    await rm(blobPath(missing.digest));
    const bytes = await readFile(blobPath(flipped.digest));
    bytes[0]! ^= 1;
    await writeFile(blobPath(flipped.digest), bytes);
    const { exitCode, stdout } = await restoreTo();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`blob missing: ${missing.digest} (in the backup it is missing)\n`);
    expect(stdout).toContain(
      `blob missing: ${flipped.digest} (in the backup its bytes are not what its digest says)\n`,
    );
    expect(stdout).toMatch(/tag incomplete: team\/app:1\.0 \(it lacks sha256:/);
    expect(stdout).toContain('2 problems; 1 tag cannot be pulled completely.\n');
  });

  it('says what is not there, and what it was asked for that is not', async () => {
    expect(await workshop.run('restore', 'nowhere')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^There is no folder .*nowhere/),
    });
    await mkdir(join(workshop.cwd, 'empty'));
    expect(await workshop.run('restore', 'empty')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^There is no backup\n/),
    });
    expect(await restoreTo('--at', '1999')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^There is no backup whose name begins with 1999\n`octoserve backup list`/),
    });
    expect((await readdir(workshop.cwd)).toSorted()).not.toContain('other');
  });

  it('reads a backup that cannot be written to', async () => {
    await chmod(target(), 0o500);
    await chmod(join(target(), 'backups'), 0o500);
    const { exitCode } = await restoreTo();
    await chmod(target(), 0o700);
    await chmod(join(target(), 'backups'), 0o700);
    expect(exitCode).toBe(0);
  });

  it('refuses a dump that was changed, and begins nothing', async () => {
    const files = await readdir(join(target(), 'backups'));
    const name = files.find((file) => file.endsWith('.dump'))?.slice(0, -'.dump'.length) ?? '';
    const dump = join(target(), 'backups', `${name}.dump`);
    await writeFile(dump, (await readFile(dump, 'utf8')).replace('"1.0"', '"1.1"'));
    expect(await restoreTo()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`Backup ${name} cannot be restored: of its dump, its checksum is another`),
    });
    expect((await readdir(workshop.cwd)).toSorted()).not.toContain('other');
  });
});

describe('a backup in a bucket', () => {
  let server: S3Server;
  beforeEach(async () => {
    await workshop.fill();
    server = await startS3Server();
  });
  afterEach(() => server.close());

  const settings = (): readonly string[] => [
    `--backup.s3.endpoint=${server.endpoint}`,
    `--backup.s3.access_key_id=${server.accessKeyId}`,
    `--backup.s3.secret_access_key=${server.secretAccessKey}`,
  ];

  it('is made, listed and restored as one in a folder', async () => {
    const place = `s3://${server.bucket}/a/b`;
    expect((await workshop.run('backup', place, ...settings())).exitCode).toBe(0);
    expect((await workshop.run('backup', 'list', place, ...settings())).stdout).toContain('finished');
    const other = join(workshop.cwd, 'other');
    const restored = await workshop.run('restore', place, `--storage.path=${other}`, ...settings());
    expect([restored.exitCode, restored.stderr]).toEqual([0, '']);
    expect(await workshop.logical(join(other, 'catalog.db'))).toBe(await workshop.logical());
  });

  it('says which setting is wrong, and shows no secret', async () => {
    const [endpoint = '', key = ''] = settings();
    const secret = '--backup.s3.secret_access_key=very-secret';
    const { exitCode, stderr, stdout } = await workshop.run('backup', `s3://${server.bucket}`, endpoint, key, secret);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/backup target s3:\/\/\S+: .*set backup\.s3\.secret_access_key/);
    expect(stderr + stdout).not.toContain('very-secret');
    expect((await workshop.run('config', 'show', endpoint, key, secret)).stdout).not.toContain('very-secret');
  });
});
