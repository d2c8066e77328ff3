import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  finishUpload,
  getBytes,
  nextPage,
  patchUpload,
  postBlob,
  putManifest,
  startUpload,
} from '../api/client.suite.ts';
import { detailsOf, refusalOf } from '../http/refusal.suite.ts';
import { digestOf, OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from '../../pkg/oci/index.ts';
import { createSamples, describeSample, toSample, type Sample } from '../testing/images.ts';
import { createPusher, type Pusher } from '../testing/push.ts';
import { useServer } from './fixtures.suite.ts';

const samples = createSamples('acceptance');
const HELLO = digestOf(Buffer.from('helloworld'));

describe('the acceptance cases of the contract', () => {
  const server = useServer();
  let push: Pusher;
  beforeEach(() => {
    push = createPusher(server.url);
  });
  const get = (path: string) => request(server.url).get(path);
  const helloUpload = async (): Promise<string> => {
    const path = await startUpload(server, 'a/b');
    await patchUpload(server, path, 'hello').expect(202);
    return path;
  };

  it('acceptance 2: HEAD /v2/ and GET /v2 answer like GET /v2/', async () => {
    const base = await get('/v2/').expect(200, { message: 'OCI Registry API v2' });
    const bare = await get('/v2').expect(200, { message: 'OCI Registry API v2' });
    for (const path of ['/v2', '/v2/']) {
      const head = await request(server.url).head(path).expect(200);
      expect(head.text).toBeUndefined();
      for (const name of ['content-type', 'content-length', 'docker-distribution-api-version']) {
        expect([name, head.headers[name]]).toEqual([name, base.headers[name]]);
        expect([name, bare.headers[name]]).toEqual([name, base.headers[name]]);
      }
    }
  });

  it('acceptance 7: a manifest is given back byte for byte, odd whitespace and unknown fields included', async () => {
    const image = samples.image();
    await push.image('a', image);
    const text = image.manifest.bytes.toString().replace('{', '{\n\t  "x-unknown" : { "b":1,"a" :\t2 } ,  ');
    const odd = toSample(`${text}\n\n`, OCI_IMAGE_MANIFEST);
    const put = await putManifest(server, 'a', '1.0', odd).expect(201);
    expect(put.headers['docker-content-digest']).toBe(odd.digest);
    for (const reference of ['1.0', odd.digest]) {
      const got = await getBytes(server, `/v2/a/manifests/${reference}`).expect(200);
      expect((got.body as Buffer).equals(odd.bytes)).toBe(true);
      expect(got.headers['docker-content-digest']).toBe(digestOf(got.body as Buffer));
      expect(got.headers['content-type']).toBe(OCI_IMAGE_MANIFEST);
    }
  });

  it('acceptance 8: an index is given back as an index, without a config', async () => {
    const image = samples.image();
    await push.image('a', image);
    await push.manifest('a', samples.index([image.manifest]), 'all');
    const got = await getBytes(server, '/v2/a/manifests/all').expect(200);
    expect(got.headers['content-type']).toBe(OCI_IMAGE_INDEX);
    expect(Object.keys(JSON.parse((got.body as Buffer).toString()) as object)).toEqual([
      'schemaVersion',
      'mediaType',
      'manifests',
    ]);
  });

  it('acceptance 9: a manifest under the wrong digest is refused', async () => {
    const image = samples.image();
    await push.image('a', image);
    const wrong = `sha256:${'0'.repeat(64)}`;
    expect(refusalOf(await putManifest(server, 'a', wrong, image.manifest))).toBe('400 DIGEST_INVALID');
    await get(`/v2/a/manifests/${wrong}`).expect(404);
  });

  it('acceptance 10: a manifest with a missing layer is refused by its digest, and taken once the layer is there', async () => {
    const { manifest, blobs } = samples.image();
    const [config, layer, missing] = blobs as [Sample, Sample, Sample];
    await push.blob('a', config);
    await push.blob('a', layer);
    const refused = await putManifest(server, 'a', '1.0', manifest);
    expect(refusalOf(refused)).toBe('400 MANIFEST_BLOB_UNKNOWN');
    expect(detailsOf(refused)).toEqual([missing.digest]);
    await get('/v2/a/manifests/1.0').expect(404);
    await push.blob('a', missing);
    await putManifest(server, 'a', '1.0', manifest).expect(201);
  });

  it('acceptance 11: two chunks with ranges and a bodiless PUT make a blob', async () => {
    const path = await startUpload(server, 'a/b');
    const first = await patchUpload(server, path, 'hello', '0-4').expect(202);
    expect(first.headers['range']).toBe('0-4');
    await patchUpload(server, path, 'world', '5-9').expect(202);
    const put = await finishUpload(server, path, HELLO).expect(201);
    expect(put.headers['location']).toBe(`/v2/a/b/blobs/${HELLO}`);
    const got = await getBytes(server, put.headers['location'] as string).expect(200);
    expect((got.body as Buffer).toString()).toBe('helloworld');
  });

  it('acceptance 12: a PUT with further bytes and no range appends them', async () => {
    await finishUpload(server, await helloUpload(), HELLO, 'world').expect(201);
    const got = await getBytes(server, `/v2/a/b/blobs/${HELLO}`).expect(200);
    expect((got.body as Buffer).toString()).toBe('helloworld');
  });

  it('acceptance 13: a chunk out of order is 416 with Location and Range, and the upload goes on', async () => {
    const path = await startUpload(server, 'a/b');
    const early = await patchUpload(server, path, 'world', '5-9').expect(416);
    expect(early.text).toBe('');
    expect(early.headers).toMatchObject({ location: path, range: '0-0' });
    await patchUpload(server, path, 'hello', '0-4').expect(202);
    const again = await patchUpload(server, path, 'hello', '0-4').expect(416);
    expect(again.headers).toMatchObject({ location: path, range: '0-4' });
    await patchUpload(server, path, 'world', '5-9').expect(202);
    await finishUpload(server, path, HELLO).expect(201);
  });

  it('acceptance 15: one POST makes a blob of the right digest, and nothing of a wrong one', async () => {
    expect(refusalOf(await postBlob(server, 'a', HELLO, 'hellothere'))).toBe('400 DIGEST_INVALID');
    await get(`/v2/a/blobs/${HELLO}`).expect(404);
    await get(`/v2/a/blobs/${digestOf(Buffer.from('hellothere'))}`).expect(404);
    const right = await postBlob(server, 'a', HELLO, 'helloworld').expect(201);
    expect(right.headers).toMatchObject({ location: `/v2/a/blobs/${HELLO}`, 'docker-content-digest': HELLO });
  });

  it('acceptance 16: a PUT with a wrong digest ends the session', async () => {
    const path = await helloUpload();
    expect(refusalOf(await finishUpload(server, path, HELLO))).toBe('400 DIGEST_INVALID');
    expect(refusalOf(await get(path))).toBe('404 BLOB_UPLOAD_UNKNOWN');
  });

  it('acceptance 17: a range of a blob is 206 with its bytes, one outside 416', async () => {
    await postBlob(server, 'a', HELLO, 'helloworld').expect(201);
    const part = await getBytes(server, `/v2/a/blobs/${HELLO}`).set('Range', 'bytes=2-4').expect(206);
    expect((part.body as Buffer).toString()).toBe('llo');
    expect(part.headers).toMatchObject({ 'content-range': 'bytes 2-4/10', 'content-length': '3' });
    const outside = await get(`/v2/a/blobs/${HELLO}`).set('Range', 'bytes=99-').expect(416);
    expect(outside.headers['content-range']).toBe('bytes */10');
  });

  it('acceptance 18: a mount from who has the blob is 201, from who has not an upload', async () => {
    await postBlob(server, 'a', HELLO, 'helloworld').expect(201);
    const mount = (from: string) => request(server.url).post(`/v2/b/blobs/uploads/?mount=${HELLO}&from=${from}`);
    const absent = await mount('nobody').expect(202);
    expect(absent.headers['location']).toMatch(/^\/v2\/b\/blobs\/uploads\/[0-9a-f-]{36}$/);
    expect(absent.headers['range']).toBe('0-0');
    const mounted = await mount('a').expect(201);
    expect(mounted.headers).toMatchObject({ location: `/v2/b/blobs/${HELLO}`, 'docker-content-digest': HELLO });
  });

  it('acceptance 19: a blob is where it was pushed or mounted, and its delete stays there', async () => {
    await postBlob(server, 'a', HELLO, 'helloworld').expect(201);
    expect(refusalOf(await get(`/v2/b/blobs/${HELLO}`))).toBe('404 BLOB_UNKNOWN');
    await request(server.url).post(`/v2/b/blobs/uploads/?mount=${HELLO}&from=a`).expect(201);
    await request(server.url).delete(`/v2/a/blobs/${HELLO}`).expect(202);
    await get(`/v2/a/blobs/${HELLO}`).expect(404);
    const other = await getBytes(server, `/v2/b/blobs/${HELLO}`).expect(200);
    expect((other.body as Buffer).toString()).toBe('helloworld');
  });

  it('acceptance 20: tags come in pages, in order, to the last one', async () => {
    const tags = ['1.0', '1.1', '2.0', 'edge', 'latest'];
    await push.image('a', samples.image(), ...tags);
    const first = await get('/v2/a/tags/list?n=2').expect(200, { name: 'a', tags: ['1.0', '1.1'] });
    expect(first.headers['link']).toBe('</v2/a/tags/list?n=2&last=1.1>; rel="next"');
    const found: string[] = [];
    for (let path: string | undefined = '/v2/a/tags/list?n=2'; path !== undefined;) {
      const page: request.Response = await get(path).expect(200);
      found.push(...(page.body as { tags: string[] }).tags);
      path = nextPage(page);
    }
    expect(found).toEqual(tags);
    const none = await get('/v2/a/tags/list?n=0').expect(200, { name: 'a', tags: [] });
    expect(none.headers['link']).toBeUndefined();
    expect(refusalOf(await get('/v2/nobody/tags/list'))).toBe('404 NAME_UNKNOWN');
  });

  it('acceptance 21: a manifest deleted by digest takes its tags along', async () => {
    const [gone, kept] = [samples.image(), samples.image()];
    await push.image('a', gone, 'one', 'two');
    await push.image('a', kept, 'three');
    await request(server.url).delete(`/v2/a/manifests/${gone.manifest.digest}`).expect(202);
    for (const reference of ['one', 'two', gone.manifest.digest]) {
      expect(refusalOf(await get(`/v2/a/manifests/${reference}`))).toBe('404 MANIFEST_UNKNOWN');
    }
    await get('/v2/a/tags/list').expect(200, { name: 'a', tags: ['three'] });
  });

  it('acceptance 22: an artifact is listed once among the referrers of a manifest that is not there yet', async () => {
    const subject = samples.image().manifest;
    const annotations = { 'org.example.k': 'v' };
    const artifact = samples.artifact({ artifactType: 'application/vnd.example.sbom', subject, annotations });
    for (const blob of artifact.blobs) await push.blob('a', blob);
    const put = await putManifest(server, 'a', 'sbom', artifact.manifest).expect(201);
    expect(put.headers['oci-subject']).toBe(subject.digest);
    const entry = { ...describeSample(artifact.manifest), artifactType: 'application/vnd.example.sbom', annotations };
    const index = (manifests: readonly object[]) => ({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests });
    const list = `/v2/a/referrers/${subject.digest}`;
    const all = await get(list).expect(200);
    expect(all.body).toEqual(index([entry]));
    expect(all.headers['content-type']).toBe(OCI_IMAGE_INDEX);
    expect(all.headers['oci-filters-applied']).toBeUndefined();
    const filtered = await get(`${list}?artifactType=application/vnd.example.sbom`).expect(200);
    expect(filtered.body).toEqual(index([entry]));
    expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
    expect((await get(`${list}?artifactType=application/other`).expect(200)).body).toEqual(index([]));
  });

  it('acceptance 23: a/b and a_b keep their own content under one tag', async () => {
    const [slash, underscore] = [samples.image(), samples.image()];
    await push.image('a/b', slash, '1.0');
    await push.image('a_b', underscore, '1.0');
    for (const [name, image] of [
      ['a/b', slash],
      ['a_b', underscore],
    ] as const) {
      const got = await getBytes(server, `/v2/${name}/manifests/1.0`).expect(200);
      expect(got.headers['docker-content-digest']).toBe(image.manifest.digest);
    }
  });

  it('acceptance 25: OPTIONS is 200 with the CORS headers, POST /v2/ 405 with Allow', async () => {
    const options = await request(server.url).options('/v2/x/tags/list').expect(200);
    expect(options.text).toBe('');
    expect(options.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
      'access-control-allow-headers': expect.stringContaining('Docker-Content-Digest'),
      'access-control-expose-headers': expect.stringContaining('OCI-Subject'),
    });
    const post = await request(server.url).post('/v2/');
    expect(refusalOf(post)).toBe('405 UNSUPPORTED');
    expect(post.headers['allow']).toBe('GET, HEAD, OPTIONS');
  });
});
