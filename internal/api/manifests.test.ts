import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  digestOf,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER,
} from '../../pkg/oci/index.ts';
import { detailsOf, refusalOf } from '../http/refusal.suite.ts';
import { useServer } from '../server/fixtures.suite.ts';
import { createSamples, describeSample, toManifest, toSample, type Sample } from '../testing/images.ts';
import { createPusher, type Pusher } from '../testing/push.ts';
import { getBytes, putManifest } from './client.suite.ts';

const samples = createSamples('manifests');
const IMAGE = samples.image();
const withoutType = (sample: Sample): Sample => {
  const { mediaType: _, ...rest } = JSON.parse(sample.bytes.toString()) as Record<string, unknown>;
  return toSample(JSON.stringify(rest), sample.mediaType);
};

describe('a manifest', () => {
  const server = useServer();
  let push: Pusher;
  beforeEach(async () => {
    push = createPusher(server.url);
    for (const blob of IMAGE.blobs) await push.blob('a', blob);
  });
  const get = (path: string) => request(server.url).get(path);
  const tags = async (): Promise<readonly string[]> => ((await get('/v2/a/tags/list')).body as { tags: string[] }).tags;
  const typeOf = async (reference: string) =>
    (await getBytes(server, `/v2/a/manifests/${reference}`).expect(200)).headers['content-type'];

  it.each([
    [
      'of its mediaType, with parameters in the header',
      IMAGE.manifest,
      `${OCI_IMAGE_MANIFEST}; charset=utf-8`,
      OCI_IMAGE_MANIFEST,
    ],
    [
      'of its mediaType, the header in another case',
      IMAGE.manifest,
      OCI_IMAGE_MANIFEST.toUpperCase(),
      OCI_IMAGE_MANIFEST,
    ],
    ['of the header, where it has no mediaType', withoutType(IMAGE.manifest), DOCKER_MANIFEST, DOCKER_MANIFEST],
    [
      'a list of the header, where it has no mediaType',
      withoutType(samples.index([])),
      DOCKER_MANIFEST_LIST,
      DOCKER_MANIFEST_LIST,
    ],
    [
      'of a type of its own',
      toSample('{"schemaVersion":2,"x":[1]}'),
      'application/vnd.example.thing+json',
      'application/vnd.example.thing+json',
    ],
  ])('is %s', async (_what, { bytes, digest }, sent, served) => {
    await putManifest(server, 'a', 't', { bytes, mediaType: sent }).expect(201);
    for (const reference of ['t', digest]) expect(await typeOf(reference)).toBe(served);
  });

  it.each([
    ['an image manifest', withoutType(IMAGE.manifest), OCI_IMAGE_MANIFEST],
    ['an index, with manifests', withoutType(samples.index([])), OCI_IMAGE_INDEX],
  ])('without any type is %s', async (_what, { bytes, digest }, served) => {
    const put = await fetch(`${server.url}/v2/a/manifests/t`, { method: 'PUT', body: new Uint8Array(bytes) });
    expect(put.status).toBe(201);
    expect(await typeOf(digest)).toBe(served);
  });

  it('is served whatever the client accepts', async () => {
    await push.manifest('a', IMAGE.manifest, 't');
    for (const accept of [
      '',
      '*/*',
      'text/html',
      DOCKER_MANIFEST,
      `${DOCKER_MANIFEST};q=0.5, application/*;q=0`,
      'garbage',
    ]) {
      const got = await getBytes(server, '/v2/a/manifests/t').set('Accept', accept).expect(200);
      expect((got.body as Buffer).equals(IMAGE.manifest.bytes)).toBe(true);
    }
  });

  it('is there only where it was pushed', async () => {
    await push.manifest('a', IMAGE.manifest, 't');
    await push.image('b', samples.image(), 'other');
    for (const reference of ['t', IMAGE.manifest.digest]) {
      expect(refusalOf(await get(`/v2/b/manifests/${reference}`))).toBe('404 MANIFEST_UNKNOWN');
      expect(refusalOf(await request(server.url).delete(`/v2/b/manifests/${reference}`))).toBe('404 MANIFEST_UNKNOWN');
    }
    expect(refusalOf(await get(`/v2/a/blobs/${IMAGE.manifest.digest}`))).toBe('404 BLOB_UNKNOWN');
  });

  it('opens no blob that it names to another repository', async () => {
    const index = samples.index([IMAGE.manifest]);
    await push.manifest('b', index, 'all');
    expect((await get(`/v2/b/manifests/${IMAGE.manifest.digest}`)).status).toBe(404);
    expect((await get(`/v2/b/blobs/${IMAGE.blobs[0]!.digest}`)).status).toBe(404);
  });

  it('stays by its digest when its tag moves on', async () => {
    const next = samples.image();
    await push.manifest('a', IMAGE.manifest, 'latest');
    await push.image('a', next, 'latest');
    expect((await get('/v2/a/manifests/latest')).headers['docker-content-digest']).toBe(next.manifest.digest);
    expect((await get(`/v2/a/manifests/${IMAGE.manifest.digest}`)).status).toBe(200);
    await request(server.url).delete('/v2/a/manifests/latest').expect(202);
    expect(refusalOf(await get('/v2/a/manifests/latest'))).toBe('404 MANIFEST_UNKNOWN');
    expect((await get(`/v2/a/manifests/${next.manifest.digest}`)).status).toBe(200);
  });

  it('may be pushed under its sha512', async () => {
    const sha512 = digestOf(IMAGE.manifest.bytes, 'sha512');
    const put = await putManifest(server, 'a', sha512, IMAGE.manifest).expect(201);
    expect(put.headers).toMatchObject({ location: `/v2/a/manifests/${sha512}`, 'docker-content-digest': sha512 });
    expect((await getBytes(server, `/v2/a/manifests/${sha512}`).expect(200)).headers['docker-content-digest']).toBe(
      sha512,
    );
    expect((await get(`/v2/a/manifests/${IMAGE.manifest.digest}`)).status).toBe(404);
  });

  it('gets ten tags in one push, and says which', async () => {
    const names = Array.from({ length: 10 }, (_, count) => `t${count}`);
    const query = names.map((name) => `tag=${name}`).join('&');
    const put = await putManifest(server, 'a', `${IMAGE.manifest.digest}?${query}`, IMAGE.manifest).expect(201);
    expect(put.headers['oci-tag']?.split(/, */)).toEqual(names);
    expect(await tags()).toEqual(names);
  });

  it('gets no tag at all where one of them is none', async () => {
    const refused = await putManifest(
      server,
      'a',
      `${IMAGE.manifest.digest}?tag=good&tag=.bad&tag=fine`,
      IMAGE.manifest,
    );
    expect(refusalOf(refused)).toBe('400 MANIFEST_INVALID');
    expect((await get('/v2/a/tags/list')).body).toEqual({ name: 'a', tags: [] });
    expect((await get(`/v2/a/manifests/${IMAGE.manifest.digest}`)).status).toBe(404);
  });

  it('may be pushed twice, and by several at once', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await putManifest(server, 'a', 't', IMAGE.manifest)).status),
    );
    expect(statuses).toEqual([201, 201, 201, 201, 201]);
    expect(await tags()).toEqual(['t']);
  });

  it('may name children that were never here', async () => {
    const absent = samples.image().manifest;
    await push.manifest('a', samples.index([absent, IMAGE.manifest]), 'all');
    expect((await get('/v2/a/manifests/all')).status).toBe(200);
    expect((await get(`/v2/a/manifests/${absent.digest}`)).status).toBe(404);
  });

  it('may name layers that are fetched elsewhere, and nobody fetches them', async () => {
    let asked = 0;
    const elsewhere = createServer((_request, response) => {
      asked += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/layer`;
    const foreign = { ...describeSample(samples.blob()), mediaType: OCI_LAYER, urls: [url] };
    const [config, layer] = IMAGE.blobs.map(describeSample);
    const manifest = toManifest(OCI_IMAGE_MANIFEST, { config, layers: [layer, foreign] });
    await push.manifest('a', manifest, 'foreign');
    expect((await get('/v2/a/manifests/foreign')).status).toBe(200);
    const unnamed = toManifest(OCI_IMAGE_MANIFEST, { config, layers: [layer, { ...foreign, urls: [] }] });
    expect(refusalOf(await putManifest(server, 'a', 'unnamed', unnamed))).toBe('400 MANIFEST_BLOB_UNKNOWN');
    elsewhere.close();
    await once(elsewhere, 'close');
    expect(asked).toBe(0);
  });

  it('holds its blobs: they cannot be deleted before it', async () => {
    await push.manifest('a', IMAGE.manifest, 't');
    for (const { digest } of IMAGE.blobs) {
      const refused = await request(server.url).delete(`/v2/a/blobs/${digest}`);
      expect(refusalOf(refused)).toBe('405 UNSUPPORTED');
      expect(detailsOf(refused)).toEqual([IMAGE.manifest.digest]);
    }
    await request(server.url).delete(`/v2/a/manifests/${IMAGE.manifest.digest}`).expect(202);
    for (const { digest } of IMAGE.blobs) {
      expect((await request(server.url).delete(`/v2/a/blobs/${digest}`)).status).toBe(202);
      expect(refusalOf(await request(server.url).delete(`/v2/a/blobs/${digest}`))).toBe('404 BLOB_UNKNOWN');
    }
  });

  it('is gone once it is deleted, and may come back', async () => {
    const path = `/v2/a/manifests/${IMAGE.manifest.digest}`;
    await push.manifest('a', IMAGE.manifest, 't');
    await request(server.url).delete(path).expect(202);
    expect(refusalOf(await request(server.url).delete(path))).toBe('404 MANIFEST_UNKNOWN');
    expect(refusalOf(await request(server.url).delete('/v2/a/manifests/t'))).toBe('404 MANIFEST_UNKNOWN');
    await push.manifest('a', IMAGE.manifest, 't');
    expect((await get(path)).status).toBe(200);
  });
});
