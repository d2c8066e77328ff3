import { expect } from '@jest/globals';
import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { at, digest, freshRepository, manifestArgs, tag } from '../fixtures.suite.ts';
import type { Catalog, CommandArgs } from '../types.ts';
import { call, type Call, type Races } from './race.suite.ts';

let made = 0;
/** Guards of a namespace that no other race is in. */
const freshGuards = () => ({ fixed: [], kept: [], raises: { key: `namespace-${++made}`, without: [] } });
type Guards = ReturnType<typeof freshGuards>;

const put = (repository: RepositoryName, what: string, more: Partial<CommandArgs<'putManifest'>> = {}): Call =>
  call('putManifest', manifestArgs(repository, what, { tags: [tag('v1')], ...more }));
const create = (repository: RepositoryName, what: string, guards: Guards): Call =>
  put(repository, what, { guards, expects: { at: undefined } });

async function pushed(catalog: Catalog, what: string, guards?: Guards): Promise<RepositoryName> {
  const repository = freshRepository();
  await catalog.run('putManifest', manifestArgs(repository, what, { tags: [tag('v1')], guards }));
  return repository;
}

const generationOf = async (catalog: Catalog, { raises }: Guards): Promise<number> =>
  (await catalog.queries.findGeneration(raises.key))?.generation ?? 0;

/** Facades' writes that meet, and what else is done to what they write. */
export const ARTIFACT_RACES: Races = {
  'two that create one version': async (catalog) => {
    const [repository, guards] = [freshRepository(), freshGuards()];
    return {
      repository,
      calls: [create(repository, 'one', guards), create(repository, 'two', guards)],
      allowed: [
        ['stored', 'unexpected'],
        ['unexpected', 'stored'],
      ],
      after: async () => {
        expect(await catalog.queries.listTags(repository, { limit: 9 })).toEqual(['v1']);
        expect(await catalog.queries.listManifests(repository, { limit: 9 })).toHaveLength(1);
        expect(await generationOf(catalog, guards)).toBe(1000);
      },
    };
  },
  'two that create the same': async () => {
    const [repository, guards] = [freshRepository(), freshGuards()];
    return {
      repository,
      calls: [create(repository, 'same', guards), create(repository, 'same', guards)],
      allowed: [
        ['stored', 'unexpected'],
        ['unexpected', 'stored'],
      ],
    };
  },
  'a version that is created, and the delete of the one that is there': async (catalog) => {
    const guards = freshGuards();
    const repository = await pushed(catalog, 'old', guards);
    return {
      repository,
      calls: [
        create(repository, 'new', guards),
        call('deleteTag', { ...at(), repository, tag: tag('v1'), at: digest('old'), guards }),
      ],
      allowed: [
        ['unexpected', 'deleted'],
        ['stored', 'deleted'],
      ],
    };
  },
  'a version that is created again, and the delete of its manifest': async (catalog) => {
    const [repository, guards] = [freshRepository(), freshGuards()];
    await catalog.run('putManifest', manifestArgs(repository, 'same'));
    return {
      repository,
      calls: [
        create(repository, 'same', guards),
        call('deleteManifest', { ...at(), repository, digest: digest('same'), onlyTags: [], guards }),
      ],
      allowed: [
        ['stored', 'inUse'],
        ['stored', 'deleted'],
      ],
      after: async () => expect(await catalog.queries.findArtifact(repository, tag('v1'))).toBeDefined(),
    };
  },
  'a version that is created, and the delete of all there are': async (catalog) => {
    const guards = freshGuards();
    const repository = await pushed(catalog, 'old', guards);
    const tags = [tag('v2')];
    return {
      repository,
      calls: [
        put(repository, 'new', { tags, guards }),
        call('deleteTags', { ...at(), repository, below: true, kept: [], raises: guards.raises }),
      ],
      allowed: [['stored', 'deleted']],
      after: async () => expect(await generationOf(catalog, guards)).toBe(1002),
    };
  },
  'two that write one document, each over the same': async (catalog) => {
    const repository = await pushed(catalog, 'old');
    const expects = { at: digest('old') };
    return {
      repository,
      calls: [put(repository, 'one', { expects }), put(repository, 'two', { expects })],
      allowed: [
        ['stored', 'unexpected'],
        ['unexpected', 'stored'],
      ],
    };
  },
  'two changes of one namespace': async (catalog) => {
    const [repository, other, guards] = [freshRepository(), freshRepository(), freshGuards()];
    return {
      repository,
      calls: [create(repository, 'one', guards), create(other, 'two', guards)],
      allowed: [['stored', 'stored']],
      after: async () => expect(await generationOf(catalog, guards)).toBe(1001),
    };
  },
  'what is found out of a manifest, and its delete': async (catalog) => {
    const guards = freshGuards();
    const repository = await pushed(catalog, 'one', guards);
    const description = { by: 'door/1', facts: '{}' };
    return {
      repository,
      calls: [
        call('describeManifest', { repository, digest: digest('one'), description, nowMs: 1, raises: guards.raises }),
        call('deleteManifest', { ...at(), repository, digest: digest('one'), guards }),
      ],
      allowed: [
        [true, 'deleted'],
        [false, 'deleted'],
      ],
    };
  },
};
