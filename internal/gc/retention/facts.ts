import type { RepositoryName } from '../../../pkg/oci/index.ts';
import type { Catalog, ManifestFacts, TagTime } from '../../catalog/index.ts';
import type { ManifestFate, RepositoryFacts } from './plan.ts';

const TAGS = 1000;
const MANIFESTS = 500;
const REPOSITORIES = 1000;

/** What a repository has, read page by page: it may change meanwhile, which whoever deletes looks at again. */
export async function readFacts(
  { queries }: Pick<Catalog, 'queries'>,
  repository: RepositoryName,
): Promise<RepositoryFacts> {
  const tags: TagTime[] = [];
  for (let more = true; more;) {
    const page = await queries.listTagTimes(repository, { after: tags.at(-1)?.tag, limit: TAGS });
    tags.push(...page);
    more = page.length === TAGS;
  }
  const manifests: ManifestFate[] = [];
  for (let more = true; more;) {
    const page = { after: manifests.at(-1)?.digest, limit: MANIFESTS };
    const facts: readonly ManifestFacts[] = await queries.listManifests(repository, page);
    const times = await queries.listManifestTimes(repository, page);
    const byDigest = new Map(times.map((each) => [each.digest, each]));
    for (const { digest, sizeBytes, pushedMs, subject, children, blobs } of facts) {
      const { pulledMs, leftMs } = byDigest.get(digest) ?? { pulledMs: undefined, leftMs: undefined };
      manifests.push({ digest, sizeBytes, pushedMs, pulledMs, leftMs, subject, children, blobs });
    }
    more = facts.length === MANIFESTS;
    await new Promise(setImmediate);
  }
  return { repository, tags, manifests };
}

/** Every repository that has a manifest. */
export async function* allRepositories({ queries }: Pick<Catalog, 'queries'>): AsyncGenerator<RepositoryName> {
  for (let after: RepositoryName | undefined; ;) {
    const names: readonly RepositoryName[] = await queries.listRepositories({ after, limit: REPOSITORIES });
    yield* names;
    if (names.length < REPOSITORIES) return;
    after = names.at(-1);
  }
}
