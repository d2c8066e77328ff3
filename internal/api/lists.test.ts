import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { parseRepositoryName, parseTag, type Tag } from '../../pkg/oci/index.ts';
import { askRaw } from '../http/raw-client.suite.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { ANY_TAG } from '../registry/index.ts';
import { shareServer, useServer, type TestServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { nextPage } from './client.suite.ts';

const samples = createSamples('lists');
const BY = { principal: 'anonymous', address: '', requestId: '' };
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Names that are prefixes of each other, and that other orders than that of bytes would order otherwise. */
const TAGS = [
  '1',
  '1.0',
  '1.0-rc',
  '1.0.0',
  '1.0.0-1',
  '10',
  '1_0',
  '9',
  'A',
  'AB',
  'Z',
  '_',
  '__',
  '_a',
  'a',
  'a-',
  'a.',
  'a_',
  'aA',
  'aa',
  'aaa',
  'ab',
  'z',
];
const REPOSITORIES = ['a', 'a-b', 'a.b', 'a/a', 'a/b', 'a/b/c', 'a0', 'a__b', 'a_b', 'aa', 'ab', 'b', 'b/a'];

/** The pages of a list from a path on, each as the names that it holds. */
async function pagesFrom({ url }: TestServer, path: string, key: string): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answer: request.Response = await request(url).get(next).expect(200);
    pages.push((answer.body as Record<string, string[]>)[key]!);
    next = nextPage(answer);
    if (pages.length > 100) throw new Error('the pages do not end');
  }
  return pages;
}

describe('a list', () => {
  const server = shareServer();
  beforeAll(async () => {
    const push = createPusher(server.url);
    await push.manifest('a', samples.index([]), ...TAGS);
    for (const name of REPOSITORIES) await push.manifest(name, samples.index([]));
  });

  type List = readonly [what: string, path: string, key: string, all: readonly string[]];
  const LISTS: readonly List[] = [
    ['tags', '/v2/a/tags/list', 'tags', TAGS.toSorted(byBytes)],
    ['repositories', '/v2/_catalog', 'repositories', REPOSITORIES.toSorted(byBytes)],
  ];

  it.each(LISTS)('of %s is the same at every page size, in the order of bytes', async (_what, path, key, all) => {
    for (let n = 1; n <= all.length + 1; n += 1) {
      const pages = await pagesFrom(server, `${path}?n=${n}`, key);
      expect(pages.flat()).toEqual(all);
      expect(pages.map(({ length }) => length).slice(0, -1)).toEqual(Array(pages.length - 1).fill(n));
      expect(pages.at(-1)!.length).toBeGreaterThan(0);
    }
  });

  it.each(LISTS)('of %s goes on behind any name, known or not', async (_what, path, key, all) => {
    const strangers = [
      '',
      '0',
      'a',
      'aaaa',
      'a\u0000',
      'a~',
      '~',
      '\uffff',
      '\u{1f600}',
      'A/',
      "a' or 1=1 --",
      'a%',
      '%00',
    ];
    for (const last of [...all, ...strangers]) {
      const answer = await request(server.url).get(path).query({ last }).expect(200);
      expect([last, (answer.body as Record<string, string[]>)[key]]).toEqual([
        last,
        all.filter((name) => byBytes(name, last) > 0),
      ]);
    }
  });

  it.each(LISTS)('of %s is empty for n=0, without a link', async (_what, path, key) => {
    const answer = await request(server.url).get(`${path}?n=0`).expect(200);
    expect((answer.body as Record<string, unknown>)[key]).toEqual([]);
    expect(answer.headers['link']).toBeUndefined();
  });

  it.each(LISTS)('of %s takes any number that is one', async (_what, path, key, all) => {
    for (const n of [
      '1000000000',
      '2147483648',
      '4294967296',
      '9223372036854775807',
      '18446744073709551616',
      '0023',
      '9'.repeat(40),
    ]) {
      const answer = await request(server.url).get(`${path}?n=${n}`).expect(200);
      expect((answer.body as Record<string, unknown>)[key]).toEqual(all);
    }
  });

  it.each(LISTS)('of %s refuses an n that is no whole number', async (_what, path) => {
    for (const n of [
      '-1',
      'abc',
      '',
      '1.5',
      '1e9',
      '0x10',
      '%2B1',
      '%201',
      '1%00',
      'NaN',
      'Infinity',
      '%D9%A1',
      '9'.repeat(41),
    ]) {
      expect([n, refusalOf(await request(server.url).get(`${path}?n=${n}`))]).toEqual([n, '400 UNSUPPORTED']);
    }
  });

  it.each(LISTS)('of %s puts nothing that was asked into its headers as it came', async (_what, path) => {
    for (const last of [
      '\r\nX-Injected: 1',
      '"><script>alert(1)</script>',
      '0"; rel="prev',
      '0>; rel="x"',
      '0\n',
      "0'\\",
    ]) {
      const answer = await askRaw(server.port, `GET ${path}?n=1&last=${encodeURIComponent(last)} HTTP/1.1`);
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('x-injected');
      expect(answer.headers['link'] ?? '').toMatch(/^(?:<\/v2\/[\w/]+\?n=1&last=[\w.%-]+>; rel="next")?$/);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['content-type']).toBe('application/json');
    }
  });
});

describe('a list of tags', () => {
  const server = useServer();

  it('goes on behind a tag that was deleted meanwhile', async () => {
    await createPusher(server.url).manifest('a', samples.index([]), 'a', 'b', 'c', 'd');
    const first = await request(server.url).get('/v2/a/tags/list?n=2').expect(200);
    await request(server.url).delete('/v2/a/manifests/b').expect(202);
    expect((await request(server.url).get(nextPage(first)!).expect(200)).body).toEqual({ name: 'a', tags: ['c', 'd'] });
  });

  it('is empty, and not null, where the repository has none', async () => {
    const index = samples.index([]);
    await createPusher(server.url).manifest('a', index);
    expect((await request(server.url).get('/v2/a/tags/list').expect(200)).text).toBe('{"name":"a","tags":[]}');
    await createPusher(server.url).blob('b', samples.blob());
    expect((await request(server.url).get('/v2/b/tags/list').expect(200)).text).toBe('{"name":"b","tags":[]}');
  });

  it('holds at most ten thousand, whatever n is, and links to the rest', async () => {
    const tags = Array.from({ length: 10_050 }, (_, count): Tag => parseTag(`t${String(count).padStart(5, '0')}`));
    const { bytes, digest, mediaType } = samples.index([]);
    const push = {
      reference: { kind: 'digest', digest },
      tags,
      contentType: mediaType,
      bytes,
      grant: ANY_TAG,
    } as const;
    await server.built.registry.manifests.put(BY, parseRepositoryName('a'), push);
    for (const query of ['', '?n=1000000000', '?n=9223372036854775807']) {
      const pages = await pagesFrom(server, `/v2/a/tags/list${query}`, 'tags');
      expect(pages.map(({ length }) => length)).toEqual([10_000, 50]);
      expect(pages.flat()).toEqual(tags);
    }
  });
});

describe('a list of repositories', () => {
  const server = useServer();

  it('holds those that have a manifest, while they have one', async () => {
    const [index, push] = [samples.index([]), createPusher(server.url)];
    await push.blob('only/blobs', samples.blob());
    await push.manifest('comes', index, '1.0');
    await push.manifest('goes', index, '1.0');
    await request(server.url).delete(`/v2/goes/manifests/${index.digest}`).expect(202);
    expect((await request(server.url).get('/v2/_catalog')).body).toEqual({ repositories: ['comes'] });
    await push.manifest('goes', index);
    expect((await request(server.url).get('/v2/_catalog')).body).toEqual({ repositories: ['comes', 'goes'] });
  });

  it('is empty, and not null, at first', async () => {
    expect((await request(server.url).get('/v2/_catalog').expect(200)).text).toBe('{"repositories":[]}');
  });
});
