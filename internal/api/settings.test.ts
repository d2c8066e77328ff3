import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf, detailsOf } from '../http/refusal.suite.ts';
import { shareServer, useServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { finishUpload, patchUpload, postBlob, putManifest, startUpload } from './client.suite.ts';

const samples = createSamples('settings');

describe('a mount', () => {
  const blob = samples.blob();
  const mount = (url: string, query: string) => request(url).post(`/v2/b/blobs/uploads/?mount=${blob.digest}${query}`);

  describe('without registry.auto_mount', () => {
    const server = useServer();

    it.each([
      ['a repository that is not there', '&from=nobody'],
      ['one that is no repository', '&from=..%2f'],
      ['nowhere in particular', ''],
      ['nowhere, said so', '&from='],
      ['a repository that lacks the blob', '&from=empty'],
      ['itself', '&from=b'],
    ])('opens an upload where the blob would come from %s', async (_where, query) => {
      await postBlob(server, 'a', blob.digest, blob.bytes).expect(201);
      await createPusher(server.url).blob('empty', samples.blob());
      const opened = await mount(server.url, query).expect(202);
      expect(opened.headers['docker-content-digest']).toBeUndefined();
      await request(server.url).get(`/v2/b/blobs/${blob.digest}`).expect(404);
      await finishUpload(server, opened.headers['location'] as string, blob.digest, blob.bytes).expect(201);
    });

    it('tells nobody that a repository exists: absent and lacking look alike', async () => {
      await createPusher(server.url).blob('empty', samples.blob());
      const strip = ({ status, headers, text }: request.Response) => {
        const { date: _date, location, 'docker-upload-uuid': _id, ...rest } = headers;
        return { status, rest, text, path: location!.slice(0, -36) };
      };
      const [absent, lacking] = [await mount(server.url, '&from=nobody'), await mount(server.url, '&from=empty')];
      expect(strip(absent)).toEqual(strip(lacking));
    });

    it('succeeds again where the blob already is', async () => {
      await postBlob(server, 'a', blob.digest, blob.bytes).expect(201);
      for (let turn = 0; turn < 2; turn += 1) expect((await mount(server.url, '&from=a')).status).toBe(201);
      expect((await mount(server.url, '&from=b')).status).toBe(201);
    });

    it('keeps the blob when its source lets go of it', async () => {
      await postBlob(server, 'a', blob.digest, blob.bytes).expect(201);
      await mount(server.url, '&from=a').expect(201);
      await request(server.url).delete(`/v2/a/blobs/${blob.digest}`).expect(202);
      expect((await mount(server.url, '&from=a')).status).toBe(202);
      expect((await request(server.url).head(`/v2/b/blobs/${blob.digest}`)).status).toBe(200);
    });
  });

  describe('with registry.auto_mount', () => {
    const server = useServer({ settings: { 'registry.auto_mount': 'true' } });

    it('takes the blob from whoever has it where no source is named, and only there', async () => {
      expect((await mount(server.url, '')).status).toBe(202);
      await postBlob(server, 'a', blob.digest, blob.bytes).expect(201);
      expect((await mount(server.url, '&from=nobody')).status).toBe(202);
      expect((await mount(server.url, '')).status).toBe(201);
    });
  });
});

describe('registry.delete: false', () => {
  const server = useServer({ settings: { 'registry.delete': 'false' } });

  it('refuses every delete, and everything stays', async () => {
    const image = samples.image();
    await createPusher(server.url).image('a', image, '1.0');
    const paths = [
      'manifests/1.0',
      `manifests/${image.manifest.digest}`,
      `blobs/${image.blobs[0]!.digest}`,
      'manifests/none',
    ];
    for (const path of paths) {
      expect(refusalOf(await request(server.url).delete(`/v2/a/${path}`))).toBe('405 UNSUPPORTED');
    }
    for (const path of paths.slice(0, 3)) expect((await request(server.url).head(`/v2/a/${path}`)).status).toBe(200);
  });

  it('still lets an upload be cancelled', async () => {
    expect((await request(server.url).delete(await startUpload(server, 'a'))).status).toBe(204);
  });
});

describe('registry.catalog_endpoint: false', () => {
  const server = shareServer({ settings: { 'registry.catalog_endpoint': 'false' } });

  it('makes the catalog a path where nothing is', async () => {
    expect(refusalOf(await request(server.url).get('/v2/_catalog'))).toBe('404 UNSUPPORTED');
  });
});

describe('registry.upload_limit', () => {
  const server = useServer({ settings: { 'registry.upload_limit': '2' } });

  it('answers one upload too many with 429, and takes it when another has ended', async () => {
    const first = await startUpload(server, 'a');
    await startUpload(server, 'b');
    const refused = await request(server.url).post('/v2/c/blobs/uploads/');
    expect(refusalOf(refused)).toBe('429 TOOMANYREQUESTS');
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    await request(server.url).delete(first).expect(204);
    expect((await request(server.url).post('/v2/c/blobs/uploads/')).status).toBe(202);
  });
});

describe('registry.chunk_min_length', () => {
  const server = useServer({ settings: { 'registry.chunk_min_length': '1KiB' } });

  it('is announced, and a shorter last chunk is taken all the same', async () => {
    const blob = samples.blob(1500);
    const started = await request(server.url).post('/v2/a/blobs/uploads/').expect(202);
    expect(started.headers['oci-chunk-min-length']).toBe('1024');
    const path = started.headers['location'] as string;
    await patchUpload(server, path, blob.bytes.subarray(0, 1024), '0-1023').expect(202);
    await patchUpload(server, path, blob.bytes.subarray(1024), '1024-1499').expect(202);
    expect((await finishUpload(server, path, blob.digest)).status).toBe(201);
  });
});

describe('server.public_url', () => {
  const server = useServer({ settings: { 'server.public_url': 'https://registry.example.com' } });

  it('is in every Location', async () => {
    const image = samples.image();
    const { digest, bytes } = image.blobs[0]!;
    const origin = 'https://registry.example.com';
    const whole = await postBlob(server, 'a', digest, bytes).expect(201);
    expect(whole.headers['location']).toBe(`${origin}/v2/a/blobs/${digest}`);
    const started = await request(server.url).post('/v2/a/blobs/uploads/').expect(202);
    const upload = started.headers['location'] as string;
    expect(upload).toMatch(/^https:\/\/registry\.example\.com\/v2\/a\/blobs\/uploads\/[0-9a-f-]{36}$/);
    const chunk = await patchUpload(server, upload.slice(origin.length), 'x').expect(202);
    expect(chunk.headers['location']).toBe(upload);
    const index = samples.index([]);
    const put = await putManifest(server, 'a', '1.0', index).expect(201);
    expect(put.headers['location']).toBe(`${origin}/v2/a/manifests/${index.digest}`);
  });
});

describe('registry.manifest_limit', () => {
  const server = useServer({ settings: { 'registry.manifest_limit': '1000' } });

  it('is the last byte that is taken', async () => {
    const index = (padding: number) => samples.index([], { padding: 'x'.repeat(padding) });
    const exact = index(1000 - index(0).size);
    expect(exact.size).toBe(1000);
    expect((await putManifest(server, 'a', '1.0', exact)).status).toBe(201);
    const refused = await putManifest(server, 'a', '1.0', index(1001 - index(0).size));
    expect(refusalOf(refused)).toBe('413 MANIFEST_INVALID');
    expect(detailsOf(refused)).toEqual(['the limit is 1000 bytes']);
  });
});
