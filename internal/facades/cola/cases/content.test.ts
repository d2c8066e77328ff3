import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import request, { type Test } from 'supertest';
import { makePackage, makeZip } from '../../../testing/zip.ts';
import { ADMIN, HEX, sha256, useRig } from './rig.suite.ts';

const ZIP = makePackage('hello', '1.0.0');
const MANIFEST = { name: 'manifest.mf', content: '{"pkgName":"hello","version":"1.0.0"}' };
const detailsOf = (answer: { body: unknown }): unknown =>
  (answer.body as { error: { details?: unknown } }).error.details;

describe('COLA: package bytes', () => {
  const used = useRig();
  const path = (version = '1.0.0', name = 'hello') => `/api/v1/registry/ops/package/${name}/version/${version}/content`;
  const put = (bytes: Uint8Array, query = '', at = path()): Test =>
    request(used.rig.server.url)
      .put(`${at}${query}`)
      .set({ authorization: ADMIN, 'content-type': 'application/octet-stream' })
      .send(Buffer.from(bytes));
  const get = (at = path()): Test => used.rig.stranger.get(at);
  const bytesAt = (at = path()): Test => get(at).responseType('blob');
  const blobsOf = async () => (await used.rig.server.built.catalog.queries.listRepositories({ limit: 100 })).length;

  it('are a version once they are there, and come back as they were', async () => {
    await used.rig.makePackage('hello');
    const made = await put(ZIP, '?startPartition=0&endPartition=3').expect(201);
    expect(made.body).toMatchObject({
      version: '1.0.0',
      checksum: sha256(ZIP),
      url: `${used.rig.server.url}/v2/cola/ops/hello/blobs/sha256:${sha256(ZIP)}`,
      endPartition: 3,
      source: 'oci',
      size: ZIP.length,
      installable: true,
      warnings: [],
    });
    expect(made.headers['location']).toBe(`${used.rig.server.url}/api/v1/registry/ops/package/hello/version/1.0.0`);
    const got = await bytesAt().expect(200);
    expect(got.body).toEqual(ZIP);
    expect(got.headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(ZIP.length),
      etag: `"sha256:${sha256(ZIP)}"`,
      'content-disposition': 'attachment; filename="hello-1.0.0.pkg"',
    });
    const part = await bytesAt().set('range', 'bytes=0-3').expect(206);
    expect(part.body).toEqual(ZIP.subarray(0, 4));
    await used.rig.stranger.head(path()).expect(200);
    await get()
      .set('if-none-match', `"sha256:${sha256(ZIP)}"`)
      .expect(304);
    expect((await put(ZIP).expect(409)).body.error.code).toBe('VERSION_ALREADY_EXISTS');
  });

  it('case 49: are pulled as the only layer of an artifact, under the name of the package', async () => {
    await used.rig.makePackage('hello');
    const { body } = await put(ZIP).expect(201);
    const manifest = await request(used.rig.server.url)
      .get('/v2/cola/ops/hello/manifests/1.0.0')
      .buffer(true)
      .expect(200);
    expect(manifest.headers['docker-content-digest']).toBe(body.digest);
    const parsed = JSON.parse(manifest.text ?? manifest.body.toString()) as object;
    expect(parsed).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.cola.version.v1',
      config: expect.objectContaining({ mediaType: 'application/vnd.oci.empty.v1+json', size: 2 }),
      layers: [
        {
          mediaType: 'application/zip',
          size: ZIP.length,
          digest: `sha256:${sha256(ZIP)}`,
          annotations: { 'org.opencontainers.image.title': 'hello-1.0.0.pkg' },
        },
      ],
      annotations: {
        'org.opencontainers.image.title': 'hello',
        'org.opencontainers.image.version': '1.0.0',
        'org.opencontainers.image.created': expect.any(String),
        'com.cola-registry.start-partition': '0',
        'com.cola-registry.end-partition': '9',
      },
    });
  });

  it.each([
    ['a manifest of another version', makePackage('hello', '2.0.0'), 'its manifest.mf is of version 2.0.0'],
    ['a manifest of another package', makePackage('other', '1.0.0'), 'its manifest.mf is of package other'],
    [
      'no directory entries',
      makeZip([MANIFEST, { name: 'bin/hello.sh' }]),
      'bin/ is no entry of its own before bin/hello.sh',
    ],
    ['a tarball', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), 'it is not a zip'],
    ['no manifest', makeZip([{ name: 'readme' }]), 'it has no manifest.mf at its root'],
  ])('case 54: are refused with %s, unless nobody is to look', async (_what, bytes, reason) => {
    await used.rig.makePackage('hello');
    const refused = await put(bytes).expect(400);
    expect(detailsOf(refused)).toEqual({ field: 'content', error: reason });
    await get().expect(404);
    const taken = await put(bytes, '?validate=false').expect(201);
    expect(taken.body).toMatchObject({ installable: false, warnings: [reason] });
  });

  it('are nothing where their checksum is another', async () => {
    await used.rig.makePackage('hello');
    const refused = await put(ZIP).set('x-checksum', HEX).expect(400);
    expect(detailsOf(refused)).toMatchObject({ field: 'checksum' });
    await put(ZIP).set('x-checksum', 'x').expect(400);
    await get().expect(404);
    await put(ZIP)
      .set('x-checksum', `sha256:${sha256(ZIP).toUpperCase()}`)
      .expect(201);
  });

  it('make their package where that is asked for, and no registry', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    expect((await put(ZIP).expect(404)).body.error.code).toBe('PACKAGE_NOT_FOUND');
    await put(ZIP, '?create=true').expect(201);
    expect((await put(ZIP, '?create=true', path().replace('/ops/', '/none/')).expect(404)).body.error.code).toBe(
      'REGISTRY_NOT_FOUND',
    );
    expect(await blobsOf()).toBeLessThan(5);
  });

  it('case 53: are found by the name of their file, wherever that may be split', async () => {
    for (const [name, version] of [
      ['a-1', '2.0.0'],
      ['a', '1-2.0.0'],
      ['hello', '1.0.0'],
    ] as const) {
      await used.rig.makePackage(name);
      await put(makePackage(name, version), '', path(version, name)).expect(201);
    }
    expect((await bytesAt('/api/v1/registry/ops/hello-1.0.0.pkg').expect(200)).body).toEqual(ZIP);
    // The longest name of a package goes first.
    expect((await bytesAt('/api/v1/registry/ops/a-1-2.0.0.pkg').expect(200)).body).toEqual(makePackage('a-1', '2.0.0'));
    await used.rig.delete('/registry/ops/package/a-1').expect(204);
    expect((await bytesAt('/api/v1/registry/ops/a-1-2.0.0.pkg').expect(200)).body).toEqual(makePackage('a', '1-2.0.0'));
    await get('/api/v1/registry/ops/hello-2.0.0.pkg').expect(404);
    await get('/api/v1/registry/none/hello-1.0.0.pkg').expect(404);
  });

  it('case 45: are elsewhere where the version was published by its URL', async () => {
    await used.rig.makePackage('hello');
    await used.rig.publish('hello', '1.0.0');
    const answer = await get().redirects(0).expect(302);
    expect(answer.headers['location']).toBe('https://dl.example.org/hello-1.0.0.pkg');
  });

  it('may come in a form, the file before or after the fields', async () => {
    await used.rig.makePackage('hello');
    const post = (at: string) => request(used.rig.server.url).post(at).set('authorization', ADMIN);
    const first = await post('/api/v1/registry/ops/package/hello/version')
      .attach('file', ZIP, 'hello-1.0.0.pkg')
      .field('name', 'hello')
      .field('version', '1.0.0')
      .field('checksum', sha256(ZIP))
      .field('endPartition', '4')
      .expect(201);
    expect(first.body).toMatchObject({ version: '1.0.0', endPartition: 4, checksum: sha256(ZIP) });
    const next = makePackage('hello', '1.1.0');
    await post(path('1.1.0')).field('startPartition', '5').attach('file', next, 'x.zip').expect(201);
    expect((await used.rig.index()).map(({ version, startPartition }) => [version, startPartition])).toEqual([
      ['1.0.0', 0],
      ['1.1.0', 5],
    ]);
  });

  it('are refused in a form that is wrong, and nothing is kept of it', async () => {
    await used.rig.makePackage('hello');
    const post = () =>
      request(used.rig.server.url).post('/api/v1/registry/ops/package/hello/version').set('authorization', ADMIN);
    expect(detailsOf(await post().field('version', '1.0.0').expect(400))).toMatchObject({ field: 'file' });
    expect(detailsOf(await post().attach('file', ZIP, 'x').expect(400))).toMatchObject({ field: 'version' });
    const wrong = await post().field('version', '1.0.0').field('checksum', HEX).attach('file', ZIP, 'x').expect(400);
    expect(detailsOf(wrong)).toMatchObject({ field: 'checksum' });
    await post().field('version', '1.0.0').attach('other', ZIP, 'x').expect(400);
    await post().field('version', '1'.repeat(5000)).attach('file', ZIP, 'x').expect(413);
    const many = Array.from({ length: 20 }, (_, at) => `f${at}`).reduce((test, name) => test.field(name, 'x'), post());
    await many.attach('file', ZIP, 'x').expect(413);
    await post().set('content-type', 'multipart/form-data; boundary=x').send('--x\r\nnonsense').expect(400);
    await post().set('content-type', 'multipart/form-data').send('nonsense').expect(400);
    expect(await used.rig.index()).toEqual([]);
  });

  it('of any length come in a form', async () => {
    await used.rig.makePackage('hello');
    const large = makeZip([MANIFEST, { name: 'data', content: randomBytes(3_000_000) }]);
    await request(used.rig.server.url).post(path()).set('authorization', ADMIN).attach('file', large, 'x').expect(201);
    expect(sha256((await bytesAt().expect(200)).body as Buffer)).toBe(sha256(large));
  });
});
