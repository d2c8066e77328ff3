import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { makePackage, makeZip } from '../../../testing/zip.ts';
import { ADMIN, sha256, uploadBlob, useRig } from './rig.suite.ts';

const ZIP = makePackage('hello', '1.1.0');
const HELLO = { bytes: ZIP, title: 'hello-1.1.0.pkg', mediaType: 'application/zip' };
const versionsOf = (entries: readonly { version: string }[]): readonly string[] =>
  entries.map(({ version }) => version);

describe('COLA: what is pushed as an artifact', () => {
  const used = useRig();
  const version = (number: string, name = 'hello') =>
    used.rig.get(`/registry/ops/package/${name}/version/${encodeURIComponent(number)}`);

  it('case 46: is in the index, with the URL of its blob', async () => {
    expect((await used.rig.push('cola/ops/hello', '1.1.0', HELLO)).status).toBe(201);
    const [entry, ...others] = await used.rig.index();
    expect(others).toEqual([]);
    expect(entry).toEqual({
      name: 'hello',
      version: '1.1.0',
      checksum: sha256(ZIP),
      url: `${used.rig.server.url}/v2/cola/ops/hello/blobs/sha256:${sha256(ZIP)}`,
      startPartition: 0,
      endPartition: 9,
    });
    const got = await request(entry?.url ?? '')
      .get('')
      .buffer(true)
      .expect(200);
    expect(sha256(got.body as Buffer)).toBe(entry?.checksum);
    expect(got.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await version('1.1.0').expect(200)).body).toMatchObject({
      source: 'oci',
      installable: true,
      size: ZIP.length,
      warnings: [],
    });
    expect((await used.rig.get('/registry').expect(200)).body).toMatchObject([{ name: 'ops', package_count: 1 }]);
  });

  it('case 47: has the partitions of its annotations, or everybody with a warning', async () => {
    const note = (start: string, end: string) => ({
      ...HELLO,
      annotations: { 'com.cola-registry.start-partition': start, 'com.cola-registry.end-partition': end },
    });
    await used.rig.push('cola/ops/hello', '1.1.0', note('21', '21'));
    await used.rig.push('cola/ops/hello', '1.2.0', note('21', '256'));
    expect((await used.rig.index()).map(({ startPartition, endPartition }) => [startPartition, endPartition])).toEqual([
      [21, 21],
      [0, 9],
    ]);
    expect((await version('1.2.0')).body.warnings).toContainEqual(expect.stringContaining('partitions'));
  });

  it('case 48: reads an underscore in a tag as the plus that no tag may hold', async () => {
    await used.rig.push('cola/ops/hello', '1.0.0_b7', { ...HELLO, bytes: makePackage('hello', '1.0.0+b7') });
    expect(versionsOf(await used.rig.index())).toEqual(['1.0.0+b7']);
    expect((await version('1.0.0+b7').expect(200)).body).toMatchObject({ version: '1.0.0+b7', installable: true });
  });

  it('case 50: lists what cannot be installed, and says why', async () => {
    await used.rig.push('cola/ops/hello', '3.0.0', { bytes: Buffer.from([0x1f, 0x8b, 8, 0, 0]), title: 'dir.tar.gz' });
    expect(versionsOf(await used.rig.index())).toEqual(['3.0.0']);
    expect((await version('3.0.0').expect(200)).body).toMatchObject({
      installable: false,
      warnings: ['it is not a zip'],
    });
  });

  it('case 50: takes for versions what are versions only', async () => {
    for (const tag of ['nightly', 'v1.0.0', 'latest', `sha256-${'a'.repeat(64)}.sig`])
      await used.rig.push('cola/ops/hello', tag, HELLO);
    await used.rig.push('cola/ops/hello', '1.0.0', {
      ...HELLO,
      more: {
        subject: {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest: `sha256:${'b'.repeat(64)}`,
          size: 2,
        },
      },
    });
    const list = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
    await request(used.rig.server.url)
      .put('/v2/cola/ops/hello/manifests/2.0.0')
      .set({ authorization: ADMIN, 'content-type': list.mediaType })
      .send(JSON.stringify(list))
      .expect(201);
    expect((await used.rig.get('/registry/ops')).status).toBe(404);
  });

  it('case 50: lists several tags of one manifest once, by the longest or by its annotation', async () => {
    for (const tag of ['1', '1.2', '1.2.3']) await used.rig.push('cola/ops/hello', tag, HELLO);
    const noted = { ...HELLO, bytes: Buffer.from('x'), annotations: { 'org.opencontainers.image.version': '2' } };
    for (const tag of ['2', '2.0', '2.0.0']) await used.rig.push('cola/ops/hello', tag, noted);
    expect(versionsOf(await used.rig.index())).toEqual(['1.2.3', '2']);
    expect((await version('1.2').expect(200)).body.version).toBe('1.2');
  });

  it('case 51: stays what it is, while short forms may follow the newest', async () => {
    await used.rig.push('cola/ops/hello', '1.1.0', HELLO);
    await used.rig.push('cola/ops/hello', '1', HELLO);
    const refused = await used.rig.push('cola/ops/hello', '1.1.0', { bytes: Buffer.from('other') });
    expect([refused.status, refused.body.errors[0].code]).toEqual([409, 'DENIED']);
    expect((await used.rig.push('cola/ops/hello', '1.1.0', HELLO)).status).toBe(201);
    expect((await used.rig.push('cola/ops/hello', '1', { bytes: Buffer.from('other') })).status).toBe(201);
  });

  it('case 52: goes with its tag, through either door', async () => {
    const remove = (tag: string) =>
      request(used.rig.server.url).delete(`/v2/cola/ops/hello/manifests/${tag}`).set('authorization', ADMIN);
    await used.rig.push('cola/ops/hello', '1.0.0', HELLO);
    await used.rig.push('cola/ops/hello', '1.1.0', { ...HELLO, bytes: Buffer.from('x') });
    await remove('1.0.0').expect(202);
    await version('1.0.0').expect(404);
    expect(versionsOf(await used.rig.index())).toEqual(['1.1.0']);
    await used.rig.delete('/registry/ops/package/hello/version/1.1.0').expect(204);
    await request(used.rig.server.url).get('/v2/cola/ops/hello/manifests/1.1.0').expect(404);
    await used.rig.push('cola/ops/hello', '1.1.0', HELLO);
    expect(versionsOf(await used.rig.index())).toEqual(['1.1.0']);
  });

  it('case 18: a version without a URL is of bytes that are there', async () => {
    await used.rig.makePackage('tool');
    const body = { version: '1.0.0', checksum: sha256(ZIP) };
    const refused = await used.rig.post('/registry/ops/package/tool/version', body).expect(400);
    expect(refused.body.error).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('url is required'),
    });
    await uploadBlob(used.rig.server.url, 'cola/ops/tool', ZIP);
    const made = await used.rig.post('/registry/ops/package/tool/version', body).expect(201);
    expect(made.body).toMatchObject({
      url: `${used.rig.server.url}/v2/cola/ops/tool/blobs/sha256:${sha256(ZIP)}`,
      source: 'oci',
      size: ZIP.length,
    });
    const gone = await used.rig.delete('/registry/ops/package/tool/version/1.0.0').expect(204);
    expect(gone.text).toBe('');
    const again = await used.rig.delete('/registry/ops/package/tool/version/1.0.0').expect(404);
    expect(again.body.error.code).toBe('VERSION_NOT_FOUND');
    await used.rig.post('/registry/ops/package/tool/version', body).expect(201);
  });

  it('chooses among several files the one that is named as the package', async () => {
    const { url } = used.rig.server;
    const [readme, zip] = [Buffer.from('read me'), makePackage('hello', '4.0.0')];
    await uploadBlob(url, 'cola/ops/hello', readme);
    const layer = async (bytes: Buffer, title: string) => ({
      mediaType: 'application/octet-stream',
      digest: await uploadBlob(url, 'cola/ops/hello', bytes),
      size: bytes.length,
      annotations: { 'org.opencontainers.image.title': title },
    });
    const layers = [
      await layer(readme, 'readme'),
      await layer(makeZip([{ name: 'x' }]), 'x.zip'),
      await layer(zip, 'hello-4.0.0.pkg'),
    ];
    await used.rig.push('cola/ops/hello', '4.0.0', { more: { layers } });
    expect((await used.rig.index()).map(({ checksum }) => checksum)).toEqual([sha256(zip)]);
    expect((await version('4.0.0').expect(200)).body).toMatchObject({ installable: true });
  });

  it('hides and shows versions by their annotation', async () => {
    const listed = (value: string) => ({ ...HELLO, annotations: { 'com.cola-registry.index': value } });
    await used.rig.push('cola/ops/hello', '1.1.0', listed('false'));
    expect(await used.rig.index()).toEqual([]);
    expect((await version('1.1.0').expect(200)).body.version).toBe('1.1.0');
  });

  it('refuses under reserved tags what is not what they stand for', async () => {
    expect((await used.rig.push('cola/ops', '_registry', { bytes: Buffer.from('{}') })).status).toBe(400);
    expect((await used.rig.push('cola/ops/hello', '_package', HELLO)).status).toBe(400);
    const document = (name: string) => ({
      bytes: Buffer.from(JSON.stringify({ name, description: 'pushed', admins: [], custom_values: {} })),
      more: { artifactType: 'application/vnd.cola.registry.v1+json' },
    });
    expect((await used.rig.push('cola/ops', '_registry', document('other'))).status).toBe(400);
    expect((await used.rig.push('cola/ops', '_registry', document('ops'))).status).toBe(201);
    expect((await used.rig.get('/registry/ops').expect(200)).body).toMatchObject({
      description: 'pushed',
      package_count: 0,
    });
  });

  it('case 54: a package may be named as a part of a path of /v2', async () => {
    for (const name of ['manifests', 'blobs', 'tags']) {
      await used.rig.makePackage(name);
      await used.rig.push(`cola/ops/${name}`, '1.0.0', { ...HELLO, bytes: makePackage(name, '1.0.0') });
    }
    for (const { url, checksum } of await used.rig.index()) {
      expect(sha256((await request(url).get('').buffer(true).expect(200)).body as Buffer)).toBe(checksum);
    }
  });

  it('keeps names that are no part of a repository’s name in ones that are', async () => {
    await used.rig.post('/registry', { name: 'a--' }).expect(201);
    await used.rig.post('/registry/a--/package', { name: 'tool-' }).expect(201);
    const made = await used.rig
      .post('/registry/a--/package/tool-/version', {
        version: '1.0.0',
        checksum: sha256(ZIP),
        url: 'https://x.example/y',
      })
      .expect(201);
    expect(made.body.name).toBe('tool-');
    expect(await used.rig.index('a--')).toMatchObject([{ name: 'tool-', version: '1.0.0' }]);
  });
});

describe('COLA: with index_strict', () => {
  const used = useRig({ settings: { 'facades.cola.index_strict': 'true' } });

  it('case 50: what cannot be installed is not listed, unless its annotation says so', async () => {
    const bytes = Buffer.from('no zip');
    await used.rig.push('cola/ops/hello', '1.1.0', HELLO);
    await used.rig.push('cola/ops/hello', '3.0.0', { bytes });
    await used.rig.push('cola/ops/hello', '4.0.0', { bytes, annotations: { 'com.cola-registry.index': 'true' } });
    expect(versionsOf(await used.rig.index())).toEqual(['1.1.0', '4.0.0']);
    expect((await used.rig.get('/registry/ops/package/hello').expect(200)).body.version_count).toBe(3);
  });
});

describe('COLA: without immutable_tags', () => {
  const used = useRig({ settings: { 'facades.cola.immutable_tags': 'false' } });

  it('case 51: a version may be pushed anew through /v2', async () => {
    await used.rig.push('cola/ops/hello', '1.1.0', HELLO);
    expect((await used.rig.push('cola/ops/hello', '1.1.0', { bytes: Buffer.from('other') })).status).toBe(201);
    expect((await used.rig.index()).map(({ checksum }) => checksum)).toEqual([sha256(Buffer.from('other'))]);
  });
});
