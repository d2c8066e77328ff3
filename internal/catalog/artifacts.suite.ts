import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseRepositoryName, type RepositoryName } from '../../pkg/oci/index.ts';
import { at, digest, freshRepository, manifestArgs, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog, CommandArgs } from './types.ts';

const FREE = { fixed: [], kept: [] };

export function describeArtifacts(open: OpenCatalog): void {
  describe('artifacts', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    const facts = (text: string, by = 'door/1') => ({ by, facts: text });
    const find = (repository: RepositoryName, name: string) => catalog.queries.findArtifact(repository, tag(name));
    const put = (repository: RepositoryName, what: string, more: Partial<CommandArgs<'putManifest'>>) =>
      catalog.run('putManifest', manifestArgs(repository, what, more));

    it('are tags with their manifests, and what a door said of those', async () => {
      const repository = freshRepository();
      await put(repository, 'one', {
        tags: [tag('1')],
        artifactType: 'a/b',
        description: facts('{"a":1}'),
        nowMs: 7000,
      });
      const found = await find(repository, '1');
      expect(found).toEqual({
        repository,
        repositoryId: expect.any(Number),
        tag: '1',
        id: expect.any(Number),
        digest: digest('one'),
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType: 'a/b',
        pushedMs: 7000,
        description: { by: 'door/1', facts: '{"a":1}' },
      });
      expect(await catalog.queries.listArtifacts(repository, { limit: 9 })).toEqual([found]);
    });

    it('keep what was said of them until something else is', async () => {
      const repository = freshRepository();
      const said = async () => (await find(repository, '1'))?.description;
      await put(repository, 'one', { tags: [tag('1')] });
      expect(await said()).toBeUndefined();
      await put(repository, 'one', { description: facts('1') });
      await put(repository, 'one', { tags: [tag('2')] });
      expect(await said()).toEqual({ by: 'door/1', facts: '1' });
      await put(repository, 'one', { description: { by: 'door/2', facts: undefined } });
      expect(await said()).toEqual({ by: 'door/2', facts: undefined });
      const late = { repository, digest: digest('one'), description: facts('2'), nowMs: 1 };
      expect(await catalog.run('describeManifest', late)).toBe(true);
      expect(await said()).toEqual({ by: 'door/1', facts: '2' });
      expect(await catalog.run('describeManifest', { ...late, digest: digest('none') })).toBe(false);
      expect(await catalog.run('describeManifest', { ...late, repository: freshRepository() })).toBe(false);
    });

    it('have numbers that grow, and never one that another has or had', async () => {
      const repository = freshRepository();
      const idOf = async (name: string) => (await find(repository, name))?.id ?? 0;
      await put(repository, 'one', { tags: [tag('b')] });
      await put(repository, 'two', { tags: [tag('a')] });
      const [first, second] = [await idOf('b'), await idOf('a')];
      expect(second).toBeGreaterThan(first);
      await put(repository, 'one', { tags: [tag('a')] });
      expect(await idOf('a')).toBe(second);
      await catalog.run('deleteTag', { ...at(), repository, tag: tag('a') });
      await put(repository, 'one', { tags: [tag('a')] });
      expect(await idOf('a')).toBeGreaterThan(second);
    });

    it('are listed below a repository by name and tag, whatever stands in between', async () => {
      const root = `below-${freshRepository().replaceAll('/', '-')}`;
      const repositories = ['', '/a', '/a/b', '/c', '-x', '/a-x', '.x', '0'].map((rest) =>
        parseRepositoryName(`${root}${rest}`),
      );
      for (const name of repositories) await put(name, name, { tags: [tag('1'), tag('2')] });
      const [start] = repositories as [RepositoryName];
      const all = ['', '/a', '/a-x', '/a/b', '/c'].flatMap((rest) => [`${root}${rest} 1`, `${root}${rest} 2`]);
      const list = async (limit: number, after?: { repository: RepositoryName; tag: ReturnType<typeof tag> }) =>
        (await catalog.queries.listArtifactsBelow(start, { limit, after })).map(
          (row) => `${row.repository} ${row.tag}`,
        );
      expect(await list(100)).toEqual(all);
      expect(await list(0)).toEqual([]);
      for (const [index, name] of all.entries()) {
        const [repository = '', version = ''] = name.split(' ');
        const after = { repository: parseRepositoryName(repository), tag: tag(version) };
        expect(await list(3, after)).toEqual(all.slice(index + 1, index + 4));
      }
    });

    it('make a repository known below, as long as a tag names one that counts', async () => {
      const root = parseRepositoryName(`known-${freshRepository().replaceAll('/', '-')}`);
      const [told, silent, unasked, untagged] = ['told', 'silent', 'unasked', 'untagged'].map((each) =>
        parseRepositoryName(`${root}/${each}`),
      ) as [RepositoryName, RepositoryName, RepositoryName, RepositoryName];
      await put(told, 'one', { tags: [tag('1')], description: facts('{}') });
      await put(silent, 'one', { tags: [tag('1')], description: { by: 'door/1', facts: undefined } });
      await put(unasked, 'one', { tags: [tag('1')] });
      await put(untagged, 'one', { description: facts('{}') });
      const known = async (by: string, after?: string) =>
        (await catalog.queries.listDescribed(root, by, { limit: 9, after })).map(({ name }) => name);
      expect(await known('door/1')).toEqual([told, unasked]);
      expect(await known('door/1', told)).toEqual([unasked]);
      expect(await known('door/2')).toEqual([silent, told, unasked]);
    });
  });

  describe('what is expected of tags', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it.each([
      ['nothing there, where something is', undefined, 'one'],
      ['the same there, where that is meant', undefined, 'two'],
      ['something there, where nothing is', 'other', undefined],
      ['another there', 'other', 'one'],
    ])('refuses all of a push where it is not so: %s', async (_, expected, there) => {
      const repository = freshRepository();
      if (there) await catalog.run('putManifest', manifestArgs(repository, there, { tags: [tag('1')] }));
      const expects = { at: expected === undefined ? undefined : digest(expected) };
      const push = manifestArgs(repository, 'two', { tags: [tag('1')], expects });
      const meets = { kind: 'unexpected', tag: '1', at: there === undefined ? undefined : digest(there) };
      expect(await catalog.run('putManifest', push)).toEqual(meets);
      expect((await catalog.queries.findTag(repository, tag('1')))?.digest).toBe(meets.at);
      const isHere = (await catalog.queries.findManifest(repository, digest('two'))) !== undefined;
      expect(isHere).toBe(there === 'two');
    });

    it('lets a push through where it is so', async () => {
      const repository = freshRepository();
      const put = (what: string, expected?: string) => {
        const expects = { at: expected === undefined ? undefined : digest(expected) };
        return catalog.run('putManifest', manifestArgs(repository, what, { tags: [tag('1')], expects }));
      };
      expect(await put('one')).toEqual({ kind: 'stored' });
      expect(await put('two', 'one')).toEqual({ kind: 'stored' });
      expect(await put('two', 'two')).toEqual({ kind: 'stored' });
    });
  });

  describe('a generation', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    const key = 'team';
    const guards = { ...FREE, raises: { key, without: [tag('_index')] } };
    const now = async (): Promise<number> => (await catalog.queries.findGeneration(key))?.generation ?? 0;
    const put = (repository: RepositoryName, what: string, more: Partial<CommandArgs<'putManifest'>>) =>
      catalog.run('putManifest', manifestArgs(repository, what, { guards, ...more }));

    type Change = (repository: RepositoryName) => Promise<unknown>;
    const raising: readonly (readonly [string, Change])[] = [
      ['a tag is made', (name) => put(name, 'new', { tags: [tag('new')] })],
      ['a tag is moved', (name) => put(name, 'free', { tags: [tag('1')] })],
      ['a tag is deleted', (name) => catalog.run('deleteTag', { ...at(), repository: name, guards, tag: tag('1') })],
      [
        'a manifest is deleted with its tags',
        (name) => catalog.run('deleteManifest', { ...at(), repository: name, guards, digest: digest('one') }),
      ],
      ['something else is said of a manifest', (name) => put(name, 'one', { description: { by: 'a/1', facts: '2' } })],
      ['a manifest is read as something else', (name) => put(name, 'one', { mediaType: 'application/x' })],
      [
        'something is found out of a manifest',
        (name) => {
          const description = { by: 'a/1', facts: '3' };
          const args = { repository: name, digest: digest('one'), description, nowMs: 1, raises: guards.raises };
          return catalog.run('describeManifest', args);
        },
      ],
      [
        'all tags are deleted',
        (name) =>
          catalog.run('deleteTags', { ...at(), repository: name, below: false, kept: [], raises: guards.raises }),
      ],
    ];
    const still: readonly (readonly [string, Change])[] = [
      ['a push changes nothing', (name) => put(name, 'one', { tags: [tag('1')] })],
      ['a manifest comes without a tag', (name) => put(name, 'new', {})],
      ['a tag changes that does not count', (name) => put(name, 'new', { tags: [tag('_index')] })],
      [
        'a tag is deleted that does not count',
        (name) => catalog.run('deleteTag', { ...at(), repository: name, guards, tag: tag('_index') }),
      ],
      [
        'a manifest is deleted that only such a tag names',
        (name) => catalog.run('deleteManifest', { ...at(), repository: name, guards, digest: digest('index') }),
      ],
      ['a push is taken back', (name) => put(name, 'new', { tags: [tag('1')], guards: { ...guards, fixed: ['1'] } })],
      [
        'a delete finds nothing',
        (name) => catalog.run('deleteTag', { ...at(), repository: name, guards, tag: tag('none') }),
      ],
    ];

    async function prepare(): Promise<RepositoryName> {
      const repository = freshRepository();
      await put(repository, 'one', { tags: [tag('1')], description: { by: 'a/1', facts: '1' } });
      await put(repository, 'index', { tags: [tag('_index')] });
      await put(repository, 'free', {});
      return repository;
    }

    it.each(raising)('goes up where %s', async (_, change) => {
      const repository = await prepare();
      const before = await now();
      await change(repository);
      expect(await now()).toBeGreaterThan(before);
    });

    it.each(still)('stays where %s', async (_, change) => {
      const repository = await prepare();
      const before = await now();
      await change(repository);
      expect(await now()).toBe(before);
    });

    it('is at least the time, and goes up where the clock does not', async () => {
      const repository = freshRepository();
      const change = (name: string, nowMs: number) => put(repository, 'one', { tags: [tag(name)], ...at(nowMs) });
      await change('1', 1_000_000);
      expect(await catalog.queries.findGeneration(key)).toEqual({ generation: 1_000_000, changedMs: 1_000_000 });
      await change('2', 1_000_000);
      await change('3', 5);
      expect(await catalog.queries.findGeneration(key)).toEqual({ generation: 1_000_002, changedMs: 5 });
    });

    it('is listed among those below the same prefix, page by page', async () => {
      const change = (name: string) =>
        put(freshRepository(), 'one', {
          tags: [tag('1')],
          ...at(7),
          guards: { ...FREE, raises: { key: name, without: [] } },
        });
      for (const name of ['tools/b', 'tools/a', 'tools-x', 'toolsy']) await change(name);
      const first = await catalog.queries.listGenerations(parseRepositoryName('tools'), { limit: 1 });
      const rest = await catalog.queries.listGenerations(parseRepositoryName('tools'), {
        limit: 9,
        after: first[0]?.key,
      });
      expect([...first, ...rest].map(({ key: name }) => name)).toEqual(['tools/a', 'tools/b']);
      expect(first).toEqual([{ key: 'tools/a', generation: 7, changedMs: 7 }]);
    });

    it('is nothing where nothing ever changed', async () => {
      expect(await catalog.queries.findGeneration('other')).toBeUndefined();
    });
  });

  describe('deleting all tags', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it('deletes those below too where that is asked, none where one is kept, and logs each', async () => {
      const root = parseRepositoryName('deleted/all');
      const below = parseRepositoryName('deleted/all/x');
      const beside = parseRepositoryName('deleted/all-x');
      const names = [root, below, beside];
      for (const name of names) {
        await catalog.run('putManifest', manifestArgs(name, 'one', { tags: [tag('a'), tag('b')] }));
      }
      const left = () => Promise.all(names.map((name) => catalog.queries.listTags(name, { limit: 9 })));
      const kept = ['deleted/all/*:b'];
      const remove = (isBelow: boolean) =>
        catalog.run('deleteTags', { ...at(), repository: root, below: isBelow, kept });
      expect(await remove(true)).toEqual({ kind: 'kept', tag: 'b' });
      expect(await left()).toEqual([
        ['a', 'b'],
        ['a', 'b'],
        ['a', 'b'],
      ]);
      expect(await remove(false)).toEqual({ kind: 'deleted', tags: 2 });
      expect(await left()).toEqual([[], ['a', 'b'], ['a', 'b']]);
      const all = { ...at(), repository: root, below: true, kept: [] };
      expect(await catalog.run('deleteTags', all)).toEqual({ kind: 'deleted', tags: 2 });
      expect(await left()).toEqual([[], [], ['a', 'b']]);
      const moves = await catalog.queries.listTagMoves(below, tag('a'), { limit: 9 });
      expect(moves.map(({ from, to }) => [from, to])).toEqual([
        [digest('one'), undefined],
        [undefined, digest('one')],
      ]);
      expect(await catalog.run('deleteTags', all)).toEqual({ kind: 'deleted', tags: 0 });
    });
  });
}
