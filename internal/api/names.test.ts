import { readdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { askRaw } from '../http/raw-client.suite.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { shareServer, useServer } from '../server/fixtures.suite.ts';
import { createSamples, EMPTY_CONFIG } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { finishUpload, getBytes, patchUpload, startUpload } from './client.suite.ts';

const samples = createSamples('names');
const DIGEST = `sha256:${'a'.repeat(64)}`;
const UPLOAD = '3f0e1c52-8a67-4f0e-9d0c-5a2f7f2b9a10';

const BAD_NAMES = [
  '..',
  '../..',
  'a/../b',
  'a/./b',
  'a//b',
  '/a',
  'a/',
  '%2e%2e%2f%2e%2e',
  '..%5c..%5c',
  '%252e%252e%252f',
  'a%2fb',
  'a%00',
  'a%0d%0aX-Injected:%201',
  'a%E2%80%AEb',
  'a%E2%80%8Bb',
  '%C3%A9',
  '.a',
  'a.',
  'a..b',
  '-a',
  'a-',
  'a___b',
  'A',
  'aB',
  'a!b',
  'a:b',
  'a@b',
  'a~b',
  "a'b",
  'a;b',
  'con%20',
  '_catalog',
  'a'.repeat(256),
  'a/'.repeat(128).slice(0, -1) + 'a',
  'a-'.repeat(6000),
];
const BAD_TAGS = [
  '.a',
  '-a',
  'a%0ab',
  'a%00',
  'a%2fb',
  '..%2f..%2fetc%2fpasswd',
  'a+b',
  'a!b',
  '%C3%A9',
  't'.repeat(129),
];
const BAD_DIGESTS = [
  `sha256:${'a'.repeat(63)}`,
  `sha256:${'a'.repeat(65)}`,
  `sha256:${'A'.repeat(64)}`,
  `sha256:${'g'.repeat(64)}`,
  `SHA256:${'a'.repeat(64)}`,
  `sha512:${'a'.repeat(64)}`,
  `md5:${'a'.repeat(32)}`,
  `sha384:${'a'.repeat(96)}`,
  'sha256:',
  'sha256:..%2f..%2fx',
  `sha256:${'a'.repeat(64)}%00`,
  `sha256:sha256:${'a'.repeat(64)}`,
  ':',
];

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}... (${text.length})` : text);

describe('what is no name', () => {
  const server = shareServer({ settings: { 'storage.type': 'filesystem', 'server.max_header_size': '64KiB' } });
  const ask = (method: string, path: string) =>
    askRaw(server.port, `${method} ${path} HTTP/1.1`, [], /^P/.test(method) ? '{}' : '');
  const contents = async () => {
    const names = await readdir(server.folder, { recursive: true });
    return names.filter((name) => !name.startsWith('catalog.db')).sort();
  };

  it.each(BAD_NAMES.map((name) => [short(name), name]))(
    'is refused as a repository on every route: %s',
    async (_short, name) => {
      const routes = [
        ['GET', `/v2/${name}/tags/list`],
        ['GET', `/v2/${name}/manifests/latest`],
        ['PUT', `/v2/${name}/manifests/latest`],
        ['DELETE', `/v2/${name}/manifests/latest`],
        ['GET', `/v2/${name}/blobs/${DIGEST}`],
        ['DELETE', `/v2/${name}/blobs/${DIGEST}`],
        ['GET', `/v2/${name}/referrers/${DIGEST}`],
        ['POST', `/v2/${name}/blobs/uploads/`],
        ['POST', `/v2/${name}/blobs/uploads/?digest=${DIGEST}`],
        ['PATCH', `/v2/${name}/blobs/uploads/${UPLOAD}`],
        ['PUT', `/v2/${name}/blobs/uploads/${UPLOAD}?digest=${DIGEST}`],
        ['GET', `/v2/${name}/blobs/uploads/${UPLOAD}`],
        ['DELETE', `/v2/${name}/blobs/uploads/${UPLOAD}`],
      ] as const;
      for (const [method, path] of routes) {
        expect([method, refusalOf(await ask(method, path))]).toEqual([method, '400 NAME_INVALID']);
      }
      expect(await contents()).toEqual(['blobs', 'manifests', 'uploads']);
    },
  );

  it.each(BAD_TAGS.map((tag) => [short(tag), tag]))('is refused as a tag: %s', async (_short, tag) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect(refusalOf(await ask(method, `/v2/a/manifests/${tag}`))).toBe('400 MANIFEST_INVALID');
    }
    expect(refusalOf(await ask('PUT', `/v2/a/manifests/${DIGEST}?tag=${tag}`))).toBe('400 MANIFEST_INVALID');
    expect(await contents()).toEqual(['blobs', 'manifests', 'uploads']);
  });

  it.each(BAD_DIGESTS.map((digest) => [short(digest), digest]))(
    'is refused as a digest: %s',
    async (_short, digest) => {
      const invalid = '400 DIGEST_INVALID';
      for (const kind of ['manifests', 'blobs', 'referrers']) {
        expect([kind, refusalOf(await ask('GET', `/v2/a/${kind}/${digest}`))]).toEqual([kind, invalid]);
      }
      expect(refusalOf(await ask('PUT', `/v2/a/manifests/${digest}`))).toBe(invalid);
      expect(refusalOf(await ask('DELETE', `/v2/a/blobs/${digest}`))).toBe(invalid);
      expect(refusalOf(await ask('POST', `/v2/a/blobs/uploads/?digest=${digest}`))).toBe(invalid);
      expect(refusalOf(await ask('POST', `/v2/a/blobs/uploads/?mount=${digest}&from=b`))).toBe(invalid);
      const upload = await startUpload(server, 'a');
      expect(refusalOf(await ask('PUT', `${upload}?digest=${digest}`))).toBe(invalid);
      await request(server.url).delete(upload).expect(204);
      expect(await contents()).toEqual(['blobs', 'manifests', 'uploads']);
    },
  );

  it.each(['x', UPLOAD.toUpperCase(), `${UPLOAD}0`, '..%2fx', '%00', `{${UPLOAD}}`])('is no upload: %s', async (id) => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect(refusalOf(await ask(method, `/v2/a/blobs/uploads/${id}`))).toBe('404 BLOB_UPLOAD_UNKNOWN');
    }
  });

  it('is a source of no mount: an upload is opened instead', async () => {
    for (const from of ['..%2f..', 'A', 'a%00', 'a'.repeat(300)]) {
      const answer = await ask('POST', `/v2/a/blobs/uploads/?mount=${DIGEST}&from=${from}`);
      expect(answer.status).toBe(202);
    }
  });

  it.each([
    ['/v2/a', '404 UNSUPPORTED'],
    ['/v2/a/tags', '404 UNSUPPORTED'],
    ['/v2/a/blobs', '404 UNSUPPORTED'],
    ['/v2/A', '404 NAME_INVALID'],
    ['/v2/a/tags/list/', '404 NAME_INVALID'],
    ['/v2//', '404 NAME_INVALID'],
    ['/v2/%', '404 NAME_INVALID'],
  ])('is no path either: %s', async (path, refusal) => {
    expect(refusalOf(await ask('GET', path))).toBe(refusal);
  });
});

describe('a megabyte of name', () => {
  const server = shareServer({ settings: { 'server.max_header_size': '1MiB' } });

  it.each(['a-', 'a/', '-', 'a_', 'a.', 'a__'])('is refused like a shorter one: %s', async (part) => {
    const name = part.repeat(1_000_000 / part.length);
    const refused = await askRaw(server.port, `GET /v2/${name}a/tags/list HTTP/1.1`);
    expect(refusalOf(refused)).toBe('400 NAME_INVALID');
    expect(refused.body.length).toBeLessThan(1000);
    expect(refusalOf(await askRaw(server.port, `GET /v2/a/blobs/sha256:${name} HTTP/1.1`))).toMatch(/^40[04] /);
    expect(refusalOf(await askRaw(server.port, `GET /v2/a/tags/list?n=${name} HTTP/1.1`))).toBe('400 UNSUPPORTED');
  });
});

describe('a repository whose name holds words of routes', () => {
  const server = useServer();
  let push: ReturnType<typeof createPusher>;
  beforeEach(() => {
    push = createPusher(server.url);
  });

  it.each([
    'blobs',
    'manifests',
    'uploads',
    'tags/list',
    'referrers',
    'a/blobs/b',
    'a/blobs/uploads',
    'a/manifests',
    'tags',
    'catalog',
    'v2',
    'a/referrers/tags/list',
  ])('is a repository like any other: %s', async (name) => {
    const image = samples.image();
    const artifact = samples.artifact({ subject: image.manifest });
    await push.image(name, image, 'list', 'uploads');
    await push.blob(name, EMPTY_CONFIG);
    await push.image(name, artifact);
    await push.image('other', samples.image(), '1.0');

    const upload = await startUpload(server, name);
    await patchUpload(server, upload, '{').expect(202);
    await request(server.url).get(upload).expect(204);
    await finishUpload(server, upload, EMPTY_CONFIG.digest, '}').expect(201);

    await request(server.url)
      .get(`/v2/${name}/tags/list`)
      .expect(200, { name, tags: ['list', 'uploads'] });
    for (const reference of ['list', 'uploads', image.manifest.digest]) {
      const got = await getBytes(server, `/v2/${name}/manifests/${reference}`).expect(200);
      expect((got.body as Buffer).equals(image.manifest.bytes)).toBe(true);
    }
    const referrers = await request(server.url).get(`/v2/${name}/referrers/${image.manifest.digest}`).expect(200);
    expect((referrers.body as { manifests: { digest: string }[] }).manifests.map(({ digest }) => digest)).toEqual([
      artifact.manifest.digest,
    ]);
    await request(server.url)
      .get('/v2/_catalog')
      .expect(200, { repositories: [name, 'other'].sort() });
    await request(server.url).delete(`/v2/${name}/manifests/uploads`).expect(202);
    await request(server.url)
      .get(`/v2/${name}/tags/list`)
      .expect(200, { name, tags: ['list'] });
  });

  it('means nothing as a query parameter that begins with route_', async () => {
    await push.image('a', samples.image(), '1.0', '1.1');
    const page = await request(server.url).get('/v2/a/tags/list?n=1&route_name=b&route_reference=x').expect(200);
    expect(page.body).toEqual({ name: 'a', tags: ['1.0'] });
    expect(page.headers['link']).toBe('</v2/a/tags/list?n=1&last=1.0>; rel="next"');
  });
});
