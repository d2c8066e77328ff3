import { execFileSync } from 'node:child_process';
import { link, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag } from '../../../pkg/oci/index.ts';
import type { Key } from '../driver.ts';
import { endClean, newUploadId, readOnce } from '../fixtures.suite.ts';
import { BLOBS, blobKey, MANIFESTS, recordKey, uploadKey, UPLOADS } from '../layout.ts';
import { newFolder, openTestedFolder, type TestedFolder } from './fixtures.suite.ts';

const HELLO = Buffer.from('helloworld');
const SECRET = Buffer.from('of others!');
const BLOB = blobKey(digestOf(HELLO));
const REFUSED = { name: 'StorageError', failure: 'broken' };

async function expectUntouched(secret: string): Promise<void> {
  expect((await readFile(secret)).equals(SECRET)).toBe(true);
}

describe('links planted in the data folder', () => {
  let tested: TestedFolder;
  let outside: string;
  let secret: string;
  const inside = (key: string): string => join(tested.path, key);
  const plant = async (key: string, target: string): Promise<void> => {
    await mkdir(dirname(inside(key)), { recursive: true });
    await rm(inside(key), { recursive: true, force: true });
    await symlink(target, inside(key));
  };
  const listed = async (prefix: Key): Promise<number> => {
    let count = 0;
    for await (const entry of tested.driver.objects.list(prefix)) count += entry.key.length > 0 ? 1 : 0;
    return count;
  };

  beforeEach(async () => {
    tested = await openTestedFolder();
    outside = await newFolder();
    secret = join(outside, 'secret');
    await writeFile(secret, SECRET);
  });
  afterEach(async () => {
    await expectUntouched(secret);
    await rm(outside, { recursive: true });
    await endClean(tested);
  });

  it('does not read a file through a link in its place', async () => {
    await plant(BLOB, secret);
    await expect(tested.driver.objects.open(BLOB)).rejects.toMatchObject(REFUSED);
    await expect(tested.driver.objects.stat(BLOB)).rejects.toMatchObject(REFUSED);
  });

  it('puts an object in place of a link, not where the link points', async () => {
    await plant(BLOB, secret);
    await tested.driver.objects.put(BLOB, HELLO);
    expect(await readOnce(tested.driver.objects.open(BLOB))).toEqual(HELLO);
  });

  it('publishes in place of a link, though what it points at has the right size', async () => {
    await plant(BLOB, secret);
    const key = uploadKey(newUploadId());
    const growing = await tested.driver.staging.grow(key, 0);
    await growing.write(HELLO);
    await growing.finish({ sync: true });
    await tested.driver.staging.publish(key, BLOB, HELLO.length);
    expect(await readOnce(tested.driver.objects.open(BLOB))).toEqual(HELLO);
    await tested.driver.staging.discard(key);
  });

  it('removes a link, not what it points at', async () => {
    await plant(BLOB, secret);
    await tested.driver.objects.remove(BLOB);
    expect(await tested.driver.objects.stat(BLOB)).toBeUndefined();
  });

  it.each(['blobs/sha256', dirname(dirname(BLOB)), dirname(BLOB)])(
    'goes through no link in place of %s',
    async (folder) => {
      await plant(folder, outside);
      await expect(tested.driver.objects.open(BLOB)).rejects.toMatchObject(REFUSED);
      await expect(tested.driver.objects.stat(BLOB)).rejects.toMatchObject(REFUSED);
      await expect(tested.driver.objects.put(BLOB, HELLO)).rejects.toMatchObject(REFUSED);
      await expect(tested.driver.objects.remove(BLOB)).rejects.toMatchObject(REFUSED);
      expect(await listed(UPLOADS)).toBe(0);
    },
  );

  it('does not open a data folder whose parts are links', async () => {
    await plant(BLOBS, outside);
    await expect(openTestedFolder(tested.path)).rejects.toMatchObject(REFUSED);
  });

  it('opens a data folder that is itself reached through a link', async () => {
    const alias = join(outside, 'data');
    await symlink(tested.path, alias);
    const aliased = await openTestedFolder(alias);
    await aliased.driver.objects.put(BLOB, HELLO);
    expect(await readOnce(tested.driver.objects.open(BLOB))).toEqual(HELLO);
    await endClean(aliased);
  });

  it('lists no link, and nothing behind one', async () => {
    await plant(recordKey(parseRepositoryName('a'), parseTag('v1')), secret);
    await plant(`${MANIFESTS}/b`, outside);
    expect(await listed(MANIFESTS)).toBe(0);
  });

  it('grows no file through a symbolic link', async () => {
    const key = uploadKey(newUploadId());
    await plant(key, secret);
    for (const offset of [0, 5]) await expect(tested.driver.staging.grow(key, offset)).rejects.toMatchObject(REFUSED);
    await expect(tested.driver.staging.open(key, 5)).rejects.toMatchObject(REFUSED);
    await expect(tested.driver.staging.publish(key, BLOB, 10)).rejects.toMatchObject(REFUSED);
    await tested.driver.staging.discard(key);
  });

  it('grows a copy of a file that has another name too', async () => {
    const key = uploadKey(newUploadId());
    await link(secret, inside(key));
    const growing = await tested.driver.staging.grow(key, 3);
    await growing.write(HELLO);
    await growing.finish({ sync: true });
    expect(await readOnce(tested.driver.staging.open(key, 13))).toEqual(Buffer.from('of helloworld'));
    await tested.driver.staging.discard(key);
  });

  it('waits for no pipe in place of a file', async () => {
    await mkdir(dirname(inside(BLOB)), { recursive: true });
    execFileSync('mkfifo', [inside(BLOB)]);
    await expect(tested.driver.objects.open(BLOB)).rejects.toMatchObject(REFUSED);
  });

  it('takes no folder for a file', async () => {
    await mkdir(inside(BLOB), { recursive: true });
    await expect(tested.driver.objects.open(BLOB)).rejects.toMatchObject(REFUSED);
    await expect(tested.driver.objects.put(BLOB, HELLO)).rejects.toMatchObject(REFUSED);
    expect(await listed(UPLOADS)).toBe(0);
  });
});
