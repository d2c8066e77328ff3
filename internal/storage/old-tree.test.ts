import { beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag } from '../../pkg/oci/index.ts';
import type { Driver, Key } from './driver.ts';
import { readOnce } from './fixtures.suite.ts';
import { blobKey } from './layout.ts';
import { createManifestStore } from './manifests.ts';
import { openMemory } from './memory/driver.ts';
import { createOldTree, type OldTree } from './old-tree.ts';

const MANIFEST = Buffer.from('{"schemaVersion": 2}');
const FILE = { folder: 'team_app', name: 'v1' };

describe('the tree of an older Octoserve', () => {
  let driver: Driver;
  let tree: OldTree;
  beforeEach(() => {
    driver = openMemory({ clock: () => 0 });
    tree = createOldTree(driver.objects);
  });
  const put = (name: string, bytes: Uint8Array | string): Promise<void> =>
    driver.objects.put(`manifests/${name}` as Key, Buffer.from(bytes));

  it('names its files by folder', async () => {
    await put('team_app/v1', MANIFEST);
    await put(`team_app/${digestOf(MANIFEST)}`, MANIFEST);
    await put('deep/er/v1', MANIFEST);
    await put('.DS_Store', 'of no repository');
    const files = [];
    for await (const { folder, name } of tree.files()) files.push(`${folder} ${name}`);
    expect(files.toSorted()).toEqual(['deep er/v1', `team_app ${digestOf(MANIFEST)}`, 'team_app v1']);
  });

  it.each([
    ['a manifest', MANIFEST, { kind: 'manifest', bytes: new Uint8Array(MANIFEST) }],
    ['a manifest after spaces', ' \n{"schemaVersion":2}', expect.objectContaining({ kind: 'manifest' })],
    ['a digest', `${digestOf(MANIFEST)}\n`, { kind: 'pointer', digest: digestOf(MANIFEST) }],
    ['other JSON', '{"name":"app"}', { kind: 'unknown', reason: 'it is no manifest' }],
    ['nothing', '', { kind: 'unknown', reason: 'it is no manifest' }],
    ['bytes that are no text', Buffer.from([0xff, 0x00]), { kind: 'unknown', reason: 'it is no manifest' }],
  ])('tells %s for what it is', async (_, bytes, content) => {
    await put('team_app/v1', bytes);
    expect(await tree.read(FILE)).toEqual(content);
  });

  it('knows a record that this Octoserve has put there', async () => {
    await createManifestStore(driver.objects).put({
      repository: parseRepositoryName('team_app'),
      name: parseTag('v1'),
      digest: digestOf(MANIFEST),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      sizeBytes: MANIFEST.length,
      timeMs: 0,
      sequence: 1,
    });
    expect(await tree.read(FILE)).toEqual({ kind: 'record' });
  });

  it('says that a file is gone, or is too large to be a manifest', async () => {
    expect(await tree.read(FILE)).toEqual({ kind: 'unknown', reason: 'it is gone' });
    await put('team_app/v1', Buffer.alloc(64 * 1024 * 1024 + 1));
    expect(await tree.read(FILE)).toEqual({ kind: 'unknown', reason: 'it is too large' });
  });

  it('opens blobs where they are kept now', async () => {
    await driver.objects.put(blobKey(digestOf(MANIFEST)), MANIFEST);
    expect(await readOnce(tree.openBlob(digestOf(MANIFEST)))).toEqual(MANIFEST);
    expect(await tree.openBlob(digestOf(Buffer.from('other')))).toBeUndefined();
  });
});
