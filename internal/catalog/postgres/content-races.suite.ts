import { expect } from '@jest/globals';
import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { actionsOf, at, digest, freshRepository, manifestArgs, putBlob, SIZE, tag } from '../fixtures.suite.ts';
import type { Catalog, CommandArgs } from '../types.ts';
import { call, type Call, type Races } from './race.suite.ts';

const put = (repository: RepositoryName, what: string, more: Partial<CommandArgs<'putManifest'>> = {}): Call =>
  call('putManifest', manifestArgs(repository, what, more));
const named = (what: string) => ({ blobs: [{ digest: digest(what), sizeBytes: SIZE }] });
const about = (repository: RepositoryName, what: string) => ({ ...at(), repository, digest: digest(what) });

async function pushed(catalog: Catalog, what: string, ...tags: string[]): Promise<RepositoryName> {
  const repository = freshRepository();
  await catalog.run('putManifest', manifestArgs(repository, what, { tags: tags.map(tag) }));
  return repository;
}

/** Pushes and deletes of manifests, tags and blobs that meet. */
export const CONTENT_RACES: Races = {
  'a push, and the delete of a blob that it names': async (catalog) => {
    const repository = freshRepository();
    await putBlob(catalog, repository, 'layer');
    return {
      repository,
      calls: [put(repository, 'image', named('layer')), call('deleteBlob', about(repository, 'layer'))],
      allowed: [
        ['stored', 'referenced'],
        ['missing', 'deleted'],
      ],
    };
  },
  'a push with a foreign layer, and the delete of that': async (catalog) => {
    const repository = freshRepository();
    await putBlob(catalog, repository, 'layer');
    return {
      repository,
      calls: [put(repository, 'image', { foreign: [digest('layer')] }), call('deleteBlob', about(repository, 'layer'))],
      allowed: [
        ['stored', 'referenced'],
        ['stored', 'deleted'],
      ],
    };
  },
  'two first pushes to a repository, with one tag': async () => {
    const repository = freshRepository();
    const tags = [tag('v1'), tag('latest')];
    return {
      repository,
      calls: [put(repository, 'one', { tags }), put(repository, 'two', { tags: tags.toReversed() })],
      allowed: [['stored', 'stored']],
    };
  },
  'a push, and the delete of the last manifest that was there': async (catalog) => {
    const repository = await pushed(catalog, 'last');
    return {
      repository,
      calls: [put(repository, 'new'), call('deleteManifest', about(repository, 'last'))],
      allowed: [['stored', 'deleted']],
      after: async () =>
        expect(await catalog.queries.listRepositories({ prefix: repository, limit: 1 })).toEqual([repository]),
    };
  },
  'two deletes of the two last manifests': async (catalog) => {
    const repository = await pushed(catalog, 'one');
    await catalog.run('putManifest', manifestArgs(repository, 'two'));
    return {
      repository,
      calls: [call('deleteManifest', about(repository, 'one')), call('deleteManifest', about(repository, 'two'))],
      allowed: [['deleted', 'deleted']],
      after: async () => expect(await catalog.queries.listRepositories({ prefix: repository, limit: 1 })).toEqual([]),
    };
  },
  'two pushes that move one tag': async (catalog) => {
    const repository = await pushed(catalog, 'old', 'v1');
    const tags = [tag('v1')];
    return {
      repository,
      calls: [put(repository, 'one', { tags }), put(repository, 'two', { tags })],
      allowed: [['stored', 'stored']],
    };
  },
  'two pushes of one new tag that may not move one': async (catalog) => {
    const repository = freshRepository();
    const more = { tags: [tag('a'), tag('v1')], grant: { create: true, update: false } };
    return {
      repository,
      calls: [put(repository, 'one', more), put(repository, 'two', { ...more, tags: [tag('b'), tag('v1')] })],
      allowed: [
        ['stored', 'denied'],
        ['denied', 'stored'],
      ],
      after: async () => expect(await catalog.queries.listTags(repository, { limit: 9 })).toHaveLength(2),
    };
  },
  'two pushes of one new manifest': async (catalog) => {
    const repository = freshRepository();
    const tags = [tag('v1')];
    return {
      repository,
      calls: [put(repository, 'same', { tags }), put(repository, 'same', { tags })],
      allowed: [['stored', 'stored']],
      after: async () => expect(await actionsOf(catalog, repository)).toEqual(['manifest.put', 'tag.put v1']),
    };
  },
  'a push again, and one of the same bytes as another type': async (catalog) => {
    const repository = freshRepository();
    await catalog.run('putManifest', manifestArgs(repository, 'same', { mediaType: 'text/one' }));
    await putBlob(catalog, repository, 'layer');
    return {
      repository,
      calls: [
        put(repository, 'same', { mediaType: 'text/one' }),
        put(repository, 'same', { mediaType: 'text/two', ...named('layer') }),
      ],
      allowed: [['stored', 'stored']],
      after: async () => {
        const type = (await catalog.queries.findManifest(repository, digest('same')))?.mediaType;
        const puts = (await actionsOf(catalog, repository)).filter((action) => action === 'manifest.put');
        const { kind } = await catalog.run('deleteBlob', about(repository, 'layer'));
        // Every change of the type is told, and what is referenced is what the last type named.
        expect([type, puts.length, kind]).toEqual(
          type === 'text/two' ? ['text/two', 2, 'referenced'] : ['text/one', 3, 'deleted'],
        );
      },
    };
  },
  'a push again, and the delete of the manifest': async (catalog) => {
    const repository = await pushed(catalog, 'image', 'v1', 'v2');
    return {
      repository,
      calls: [put(repository, 'image', { tags: [tag('v3')] }), call('deleteManifest', about(repository, 'image'))],
      allowed: [['stored', 'deleted']],
    };
  },
  'a first push, and the delete of the manifest': async (catalog) => {
    const repository = await pushed(catalog, 'other');
    return {
      repository,
      calls: [put(repository, 'image', { tags: [tag('v1')] }), call('deleteManifest', about(repository, 'image'))],
      allowed: [
        ['stored', 'deleted'],
        ['stored', 'absent'],
      ],
    };
  },
  'a push that takes a tag from a manifest, and the delete of that': async (catalog) => {
    const repository = await pushed(catalog, 'old', 'v1', 'v2');
    return {
      repository,
      calls: [put(repository, 'new', { tags: [tag('v1')] }), call('deleteManifest', about(repository, 'old'))],
      allowed: [['stored', 'deleted']],
    };
  },
  'a push that moves a tag, and the delete of the tag': async (catalog) => {
    const repository = await pushed(catalog, 'old', 'v1');
    return {
      repository,
      calls: [
        put(repository, 'new', { tags: [tag('v1')] }),
        call('deleteTag', { ...at(), repository, tag: tag('v1') }),
      ],
      allowed: [['stored', 'deleted']],
    };
  },
  'the delete of a manifest, and of its tag': async (catalog) => {
    const repository = await pushed(catalog, 'image', 'v1');
    return {
      repository,
      calls: [
        call('deleteManifest', about(repository, 'image')),
        call('deleteTag', { ...at(), repository, tag: tag('v1') }),
      ],
      allowed: [
        ['deleted', 'deleted'],
        ['deleted', 'absent'],
      ],
    };
  },
  'two deletes of one manifest': async (catalog) => {
    const repository = await pushed(catalog, 'image', 'v1');
    const drop = call('deleteManifest', about(repository, 'image'));
    return {
      repository,
      calls: [drop, drop],
      allowed: [
        ['deleted', 'absent'],
        ['absent', 'deleted'],
      ],
    };
  },
  'two deletes of one blob': async (catalog) => {
    const repository = freshRepository();
    await putBlob(catalog, repository, 'blob');
    const drop = call('deleteBlob', about(repository, 'blob'));
    return {
      repository,
      calls: [drop, drop],
      allowed: [
        ['deleted', 'absent'],
        ['absent', 'deleted'],
      ],
    };
  },
};
