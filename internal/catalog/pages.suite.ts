import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseRepositoryName, type RepositoryName } from '../../pkg/oci/index.ts';
import { at, digest, freshRepository, manifestArgs, putBlob, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const TAGS = [
  'a',
  'a-b',
  'a.b',
  'aa',
  'a0',
  'a_b',
  'A',
  'Z',
  '_',
  '0',
  '00',
  '1.10',
  '1.9',
  'z',
  'aA',
  'a-',
  'a--',
  'a.',
];
const NAMES = ['a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'aa', 'a0', 'a_b', 'a__b', 'ab', 'a/0', 'a-b/c', '0', 'z/z', 'a--b'];

export function describePages(open: OpenCatalog): void {
  describe('pages', () => {
    let catalog: Catalog;
    const repository = freshRepository();
    beforeAll(async () => {
      catalog = await open();
      await catalog.run('putManifest', manifestArgs(repository, 'many', { tags: TAGS.map(tag) }));
      for (const name of NAMES) await catalog.run('putManifest', manifestArgs(parseRepositoryName(name), 'named'));
      await putBlob(catalog, parseRepositoryName('a/only-blobs'), 'blob');
    });
    afterAll(() => catalog.close());

    async function collect(
      list: (page: { after?: string | undefined; limit: number }) => Promise<readonly string[]>,
      limit: number,
    ) {
      const found: string[] = [];
      for (let page; (page = await list({ after: found.at(-1), limit })).length > 0;) {
        expect(page.length).toBeLessThanOrEqual(limit);
        found.push(...page);
      }
      return found;
    }

    it('gives every tag once and in byte order, at every size of page', async () => {
      for (let limit = 1; limit <= TAGS.length + 1; limit += 1) {
        const found = await collect((page) => catalog.queries.listTags(repository, page), limit);
        expect(found).toEqual(TAGS.toSorted(byBytes));
      }
    });

    it('gives every repository with a manifest once and in byte order, at every size of page', async () => {
      for (let limit = 1; limit <= NAMES.length + 1; limit += 1) {
        const found = await collect((page) => catalog.queries.listRepositories(page), limit);
        expect(found).toEqual([...NAMES, repository].toSorted(byBytes));
      }
    });

    it.each(['a', 'a/', 'a-', 'a/b', 'a__b', '0', 'z', 'z/z', 'zz', 'team/', 'a.b', ''])(
      'gives every repository whose name begins with %j, at every size of page',
      async (prefix) => {
        const expected = [...NAMES, repository].filter((name) => name.startsWith(prefix)).toSorted(byBytes);
        for (let limit = 1; limit <= expected.length + 1; limit += 1) {
          const found = await collect((page) => catalog.queries.listRepositories({ ...page, prefix }), limit);
          expect(found).toEqual(expected);
        }
        for (const after of ['', '~', 'a', 'a/b', 'zzz']) {
          const found = await catalog.queries.listRepositories({ after, prefix, limit: 100 });
          expect(found).toEqual(expected.filter((name) => byBytes(name, after) > 0));
        }
      },
    );

    it('goes on after a name that is not there', async () => {
      const after = 'a-a';
      const rest = TAGS.toSorted(byBytes).filter((name) => byBytes(name, after) > 0);
      expect(await catalog.queries.listTags(repository, { after, limit: 100 })).toEqual(rest);
    });

    it.each([
      ['SQL', "a'; drop table tags; --"],
      ['a quote', 'a"b'],
      ['NUL', 'a\0b'],
      ['line ends', '\r\n'],
      // What UTF-8 cannot say becomes U+FFFD, which like every letter beyond ASCII comes after all names.
      ['half a surrogate pair', '\ud800'],
      ['the last code point', '\u{10ffff}'],
      ['a wildcard', '%'],
      ['a hundred thousand letters', 'a'.repeat(100_000)],
    ])('takes any text as the place to go on from: %s', async (_, after) => {
      const rest = TAGS.toSorted(byBytes).filter((name) => byBytes(name, after) > 0);
      expect(await catalog.queries.listTags(repository, { after, limit: 100 })).toEqual(rest);
    });

    it('has an empty page for no rows, and never takes less than none for all', async () => {
      expect(await catalog.queries.listTags(repository, { limit: 0 })).toEqual([]);
      expect(await catalog.queries.listTags(repository, { limit: -1 })).toEqual([]);
      expect(await catalog.queries.listRepositories({ limit: -1 })).toEqual([]);
    });

    it('has no tags of a repository that never was', async () => {
      expect(await catalog.queries.listTags('not/there' as RepositoryName, { limit: 10 })).toEqual([]);
    });

    it('no longer lists a repository whose last manifest went', async () => {
      const name = freshRepository();
      await catalog.run('putManifest', manifestArgs(name, 'last', { tags: [tag('v1')] }));
      expect(await catalog.queries.listRepositories({ limit: 100 })).toContain(name);
      await catalog.run('deleteManifest', { ...at(), repository: name, digest: digest('last') });
      expect(await catalog.queries.listRepositories({ limit: 100 })).not.toContain(name);
      expect(await catalog.queries.hasRepository(name)).toBe(true);
      await catalog.run('putManifest', manifestArgs(name, 'another'));
      expect(await catalog.queries.listRepositories({ limit: 100 })).toContain(name);
    });

    it('counts what there is', async () => {
      const fresh = await open();
      try {
        expect(await fresh.queries.totals()).toEqual({
          repositories: 0,
          tags: 0,
          blobBytes: 0,
          uploads: 0,
          quarantined: 0,
        });
        const name = freshRepository();
        await putBlob(fresh, name, 'one');
        await fresh.run('putManifest', manifestArgs(name, 'two', { tags: [tag('v1'), tag('v2')] }));
        expect(await fresh.queries.totals()).toEqual({
          repositories: 1,
          tags: 2,
          blobBytes: 200,
          uploads: 0,
          quarantined: 0,
        });
        for (let i = 0; i < 120; i += 1) {
          await fresh.run('putManifest', manifestArgs(freshRepository(), 'two', { tags: [tag('v1')] }));
        }
        expect(await fresh.queries.totals()).toEqual({
          repositories: 121,
          tags: 122,
          blobBytes: 200,
          uploads: 0,
          quarantined: 0,
        });
      } finally {
        await fresh.close();
      }
    });

    it('counts more tags than it does in one step, all in one repository', async () => {
      const fresh = await open();
      try {
        const names = [freshRepository(), freshRepository()] as const;
        for (const name of names) await fresh.run('putManifest', manifestArgs(name, 'one', { tags: [tag('v0')] }));
        const more = Array.from({ length: 20_500 }, (_, count) => tag(`w${count}`));
        const rows = more.map((name) => ({ kind: 'tag', repository: names[0], name, digest: digest('one') }) as const);
        await fresh.run('restoreRows', { rows });
        expect((await fresh.queries.totals()).tags).toBe(20_502);
      } finally {
        await fresh.close();
      }
    });
  });
}
