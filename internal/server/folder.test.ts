import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { finishUpload, getBytes, patchUpload, postBlob, putManifest, startUpload } from '../api/client.suite.ts';
import { blobKey } from '../storage/layout.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { eventually, useServer } from './fixtures.suite.ts';

const samples = createSamples('folder');

describe('a server on a folder', () => {
  const server = useServer({ settings: { 'storage.type': 'filesystem' } });
  const inFolder = (key: string): string => join(server.folder, key);

  it('gives nothing through a link that somebody planted in place of a blob', async () => {
    const blob = samples.blob(200_000);
    await createPusher(server.url).blob('a', blob);
    const [file, secret] = [inFolder(blobKey(blob.digest)), join(dirname(server.folder), 'secret')];
    await writeFile(secret, Buffer.alloc(blob.size, 'secret'));
    await rm(file);
    await symlink(secret, file);
    const answer = await getBytes(server, `/v2/a/blobs/${blob.digest}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((answer.body as Buffer).toString()).not.toContain('secret');
  });

  it('writes nothing through a link that somebody planted in place of a folder', async () => {
    const outside = join(dirname(server.folder), 'outside');
    await mkdir(outside);
    const blob = samples.blob();
    const folder = dirname(inFolder(blobKey(blob.digest)));
    await mkdir(dirname(folder), { recursive: true });
    await symlink(outside, folder);
    const refused = await postBlob(server, 'a', blob.digest, blob.bytes);
    expect(refused.status).toBe(500);
    expect(refused.text).toBe('{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}');
    expect(await readdir(outside)).toEqual([]);
    await rm(folder);
    expect((await postBlob(server, 'a', blob.digest, blob.bytes)).status).toBe(201);
  });

  it('does not append to what a link in place of an upload points at', async () => {
    const path = await startUpload(server, 'a');
    await patchUpload(server, path, 'hello').expect(202);
    const [file, secret] = [inFolder(`uploads/${path.slice(-36)}`), join(dirname(server.folder), 'secret')];
    await rename(file, secret);
    await symlink(secret, file);
    expect((await patchUpload(server, path, 'world')).status).toBe(500);
    expect(await readFile(secret, 'utf8')).toBe('hello');
  });

  it('loses and doubles nothing under 64 parallel pushes, and refuses none', async () => {
    const base = samples.image();
    await createPusher(server.url).image('shared', base, 'base');
    const pushes = Array.from({ length: 64 }, async (_, count) => {
      const blob = samples.blob(5000);
      const index = samples.index([base.manifest], { count: String(count) });
      const path = await startUpload(server, `r${count % 4}`);
      const statuses = [
        (await patchUpload(server, path, blob.bytes)).status,
        (await finishUpload(server, path, blob.digest)).status,
        (await postBlob(server, 'shared', base.blobs[0]!.digest, base.blobs[0]!.bytes)).status,
        (await putManifest(server, `r${count % 4}`, `t${count}`, index)).status,
        (await putManifest(server, 'shared', 'latest', index)).status,
      ];
      return { name: `r${count % 4}`, tag: `t${count}`, blob, index, statuses };
    });
    for (const { name, tag, blob, index, statuses } of await Promise.all(pushes)) {
      expect(statuses).toEqual([202, 201, 201, 201, 201]);
      expect((await request(server.url).head(`/v2/${name}/blobs/${blob.digest}`)).status).toBe(200);
      const got = await getBytes(server, `/v2/${name}/manifests/${tag}`).expect(200);
      expect((got.body as Buffer).equals(index.bytes)).toBe(true);
    }
    expect((await request(server.url).get('/v2/shared/manifests/latest')).status).toBe(200);
    expect(await readdir(inFolder('uploads'))).toEqual([]);
  });

  it('keeps content, records and catalog where the documentation says', async () => {
    const image = samples.image({ layers: 1 });
    await createPusher(server.url).image('team/my.app', image, 'V1.0');
    await server.built.registry.chores.followChanges();
    for (const { digest, bytes } of [image.manifest, ...image.blobs]) {
      const hex = digest.slice('sha256:'.length);
      const file = await readFile(inFolder(`blobs/sha256/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}`));
      expect(createHash('sha256').update(file).digest('hex')).toBe(hex);
      expect(file.equals(bytes)).toBe(true);
    }
    const records = await readdir(inFolder('manifests/team!my.app'));
    expect(records.toSorted()).toEqual(['!v1.0', image.manifest.digest]);
    const record = JSON.parse(await readFile(inFolder('manifests/team!my.app/!v1.0'), 'utf8')) as object;
    expect(record).toMatchObject({ digest: image.manifest.digest, mediaType: image.manifest.mediaType });
    expect((await stat(inFolder('catalog.db'))).isFile()).toBe(true);
  });

  it('lets go of the bytes of an upload that is cancelled while it is sent', async () => {
    const path = await startUpload(server, 'a');
    await patchUpload(server, path, 'hello').expect(202);
    expect(await readdir(inFolder('uploads'))).toHaveLength(1);
    await request(server.url).delete(path).expect(204);
    await eventually('they are gone', async () => (await readdir(inFolder('uploads'))).length === 0);
    expect((await request(server.url).get(path)).status).toBe(404);
  });
});
