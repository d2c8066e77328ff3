import { expect } from '@jest/globals';
import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { at, digest, freshRepository, manifestArgs, putBlob, SIZE } from '../fixtures.suite.ts';
import type { Catalog, CommandArgs } from '../types.ts';
import { call, type Call, type Race, type Races } from './race.suite.ts';

/** After all that is uploaded or deleted in a race. */
const LATER = 5000;
/** Before any other deletion is begun. */
const EARLY = 1500;
let made = 0;
/** Content that no other race has. */
const fresh = (what: string): string => `${what} ${++made}`;

const begin = (what: string): Call =>
  call('beginDeletions', { ...at(LATER), deletion: fresh('deletion'), digests: [digest(what)], beforeMs: LATER });
const about = (repository: RepositoryName, what: string) => ({ ...at(), repository, digest: digest(what) });
const named = (what: string) => ({ blobs: [{ digest: digest(what), sizeBytes: SIZE }] });
const put = (repository: RepositoryName, what: string, more: Partial<CommandArgs<'putManifest'>>): Call =>
  call('putManifest', manifestArgs(repository, what, more));

async function upload(catalog: Catalog, repository: RepositoryName, what: string, leaseMs?: number): Promise<Call> {
  const { seen } = await catalog.queries.findDeletion(digest(what));
  return call('finishUpload', { ...about(repository, what), sizeBytes: SIZE, seen, leaseMs });
}

/** What the collector stands on: what is referenced is live, and what is not is a candidate or on its way out. */
async function expectSound(catalog: Catalog, ...contents: readonly string[]): Promise<void> {
  const candidates = await catalog.queries.listCandidates({ after: undefined, untilMs: LATER, limit: 10_000 });
  for (const what of contents) {
    const use = await catalog.queries.findBlobUse(digest(what), 1);
    if (!use) continue;
    const isCandidate = candidates.some((each: { readonly digest: Digest }) => each.digest === digest(what));
    const isReferenced = use.references.length > 0;
    const isDeleted = use.deletingMs !== undefined;
    expect({ what, isReferenced, isDeleted, isKnown: isReferenced || isCandidate || isDeleted }).toEqual({
      what,
      isReferenced,
      isDeleted: isDeleted && !isReferenced,
      isKnown: true,
    });
  }
}

/** Pushes, mounts and deletes that meet the collector. */
export const GC_RACES: Races = {
  'a push that names a blob, and its deletion': async (catalog) => {
    const [repository, layer] = [freshRepository(), fresh('layer')];
    await putBlob(catalog, repository, layer);
    return {
      repository,
      calls: [put(repository, fresh('image'), named(layer)), begin(layer)],
      allowed: [
        ['stored', 0],
        ['missing', 1],
      ],
      after: () => expectSound(catalog, layer),
    };
  },
  'a push with a foreign layer, and its deletion': async (catalog) => {
    const [repository, layer] = [freshRepository(), fresh('layer')];
    await putBlob(catalog, repository, layer);
    return {
      repository,
      calls: [put(repository, fresh('image'), { foreign: [digest(layer)] }), begin(layer)],
      allowed: [
        ['stored', 0],
        ['stored', 1],
      ],
      after: () => expectSound(catalog, layer),
    };
  },
  'a push of a manifest whose bytes are garbage, and their deletion': async (catalog) => {
    const [repository, image] = [freshRepository(), fresh('image')];
    await putBlob(catalog, repository, image);
    const { seen } = await catalog.queries.findDeletion(digest(image));
    return {
      repository,
      calls: [put(repository, image, { seen }), begin(image)],
      allowed: [
        ['stored', 0],
        ['again', 1],
      ],
      after: () => expectSound(catalog, image),
    };
  },
  'an upload of a blob that is garbage, and its deletion': async (catalog) => {
    const [repository, blob] = [freshRepository(), fresh('blob')];
    await putBlob(catalog, repository, blob);
    return {
      repository,
      calls: [await upload(catalog, repository, blob, LATER + 1), begin(blob)],
      allowed: [
        ['finished', 0],
        ['again', 1],
      ],
      after: () => expectSound(catalog, blob),
    };
  },
  'an upload of a blob that is being deleted, and the end of that': async (catalog) => {
    const [repository, blob] = [freshRepository(), fresh('blob')];
    await putBlob(catalog, repository, blob);
    const beforehand = await upload(catalog, repository, blob);
    await catalog.run('beginDeletions', { ...at(LATER), deletion: blob, digests: [digest(blob)], beforeMs: LATER });
    return {
      repository,
      calls: [beforehand, call('endDeletions', { deletion: blob, digests: [digest(blob)] })],
      allowed: [['again', 1]],
      after: async () => expect(await catalog.queries.findContent(digest(blob))).toBeUndefined(),
    };
  },
  'a push of what is there, and a rule that found it old': async (catalog) => {
    const [repository, image] = [freshRepository(), fresh('image')];
    await catalog.run('putManifest', manifestArgs(repository, image));
    const expired = { ...about(repository, image), ...at(LATER), onlyTags: [], usedMs: EARLY };
    return {
      repository,
      calls: [put(repository, image, at(LATER)), call('deleteManifest', expired)],
      allowed: [
        ['stored', 'inUse'],
        ['stored', 'deleted'],
      ],
      after: async () => expect(await catalog.queries.findManifest(repository, digest(image))).toBeDefined(),
    };
  },
  'two uploads of a new blob': async (catalog) => {
    const [repository, blob] = [freshRepository(), fresh('blob')];
    const one = await upload(catalog, repository, blob);
    return {
      repository,
      calls: [one, one],
      allowed: [['finished', 'finished']],
      after: () => expectSound(catalog, blob),
    };
  },
  'a mount, and the deletion of the blob': async (catalog) => {
    const [repository, from, blob] = [freshRepository(), freshRepository(), fresh('blob')];
    await putBlob(catalog, from, blob);
    return {
      repository,
      calls: [call('mountBlob', { ...about(repository, blob), from, leaseMs: LATER + 1 }), begin(blob)],
      allowed: [
        ['mounted', 0],
        ['absent', 1],
      ],
      after: () => expectSound(catalog, blob),
    };
  },
  'who is told that a blob is there, and its deletion': async (catalog) => {
    const [repository, blob] = [freshRepository(), fresh('blob')];
    await putBlob(catalog, repository, blob);
    const lease = { repository, digest: digest(blob), nowMs: LATER, untilMs: LATER + 1 };
    return {
      repository,
      calls: [call('extendLease', lease), begin(blob)],
      allowed: [
        [true, 0],
        [false, 1],
      ],
    };
  },
  'a delete of the blob in its repository, and its deletion': async (catalog) => {
    const [repository, blob] = [freshRepository(), fresh('blob')];
    await putBlob(catalog, repository, blob);
    return {
      repository,
      calls: [call('deleteBlob', about(repository, blob)), begin(blob)],
      allowed: [
        ['deleted', 1],
        ['absent', 1],
      ],
    };
  },
  'the deletes of the last two manifests that name a blob': async (catalog) => {
    const [repository, layer, one, two] = [freshRepository(), fresh('layer'), fresh('one'), fresh('two')];
    await putBlob(catalog, repository, layer);
    for (const what of [one, two]) await catalog.run('putManifest', manifestArgs(repository, what, named(layer)));
    await catalog.run('dismissCandidates', { digests: [digest(layer)], nowMs: LATER });
    return {
      repository,
      calls: [call('deleteManifest', about(repository, one)), call('deleteManifest', about(repository, two))],
      allowed: [['deleted', 'deleted']],
      after: () => expectSound(catalog, layer, one, two),
    };
  },
  'the delete of the last manifest that names a blob, and a look that finds it needed': (catalog) =>
    lastDelete(catalog, (layer) => call('dismissCandidates', { digests: [digest(layer)], nowMs: LATER }), [
      ['deleted', 1],
      ['deleted', 0],
    ]),
  'the delete of the last manifest that names a blob, and its deletion': (catalog) =>
    lastDelete(catalog, begin, [
      ['deleted', 0],
      ['deleted', 1],
    ]),
  'two collectors': async (catalog) => {
    const [repository, blob] = [freshRepository(), fresh('blob')];
    await putBlob(catalog, repository, blob);
    return {
      repository,
      calls: [begin(blob), begin(blob)],
      allowed: [
        [1, 0],
        [0, 1],
      ],
    };
  },
  'the end of a deletion, and its takeover': async (catalog) => {
    const [repository, blob] = [freshRepository(), fresh('blob')];
    await putBlob(catalog, repository, blob);
    await catalog.run('beginDeletions', { ...at(EARLY), deletion: blob, digests: [digest(blob)], beforeMs: LATER });
    const take = { deletion: fresh('another'), beforeMs: EARLY, nowMs: LATER, limit: 100 };
    return {
      repository,
      calls: [call('endDeletions', { deletion: blob, digests: [digest(blob)] }), call('takeOverDeletions', take)],
      allowed: [
        [1, 0],
        [0, 1],
      ],
      after: async () => void (await catalog.run('endDeletions', { deletion: take.deletion, digests: [digest(blob)] })),
    };
  },
};

/** A blob that one manifest names and that is a candidate all the same, as after another was deleted. */
async function lastDelete(catalog: Catalog, other: (layer: string) => Call, allowed: Race['allowed']): Promise<Race> {
  const [repository, layer, image] = [freshRepository(), fresh('layer'), fresh('image')];
  await putBlob(catalog, repository, layer);
  await catalog.run('putManifest', manifestArgs(repository, image, named(layer)));
  return {
    repository,
    calls: [call('deleteManifest', about(repository, image)), other(layer)],
    allowed,
    after: () => expectSound(catalog, layer, image),
  };
}
