import { isDeepStrictEqual } from 'node:util';
import type { Digest, RepositoryName } from '../../pkg/oci/index.ts';
import type { Catalog, ManifestFacts as ManifestRows } from '../catalog/index.ts';
import type { ManifestFacts } from '../registry/index.ts';
import { forEach } from './for-each.ts';
import { readManifest } from './manifest-content.ts';
import { manifestRow, rowsOfManifest } from './manifest-rows.ts';
import { allOf } from './pages.ts';
import type { Problem } from './problem.ts';
import type { Suspects } from './suspects.ts';
import type { VerifyDeps } from './verify.ts';

const AT_ONCE = 16;

/** Looks whether manifests and tags have their records, and whether the rows of manifests say what their bytes say. */
export async function checkManifests(
  deps: VerifyDeps,
  suspects: Suspects,
): Promise<{ readonly manifests: number; readonly tags: number }> {
  const { queries } = deps.catalog;
  const counts = { manifests: 0, tags: 0 };
  for await (const repository of allOf(
    (page) => queries.listRepositories(page),
    (name) => name,
  )) {
    const manifests = allOf(
      (page) => queries.listManifests(repository, page),
      ({ digest }) => digest,
    );
    await forEach(manifests, AT_ONCE, async (manifest) => {
      await suspects.examine({ repository, name: manifest.digest });
      await checkManifest(deps, manifest);
      counts.manifests += 1;
      deps.onProgress.done(1);
    });
    const tags = allOf(
      (page) => queries.listTags(repository, page),
      (tag) => tag,
    );
    await forEach(tags, AT_ONCE, async (tag) => {
      await suspects.examine({ repository, name: tag });
      counts.tags += 1;
      deps.onProgress.done(1);
    });
  }
  return counts;
}

async function checkManifest(deps: VerifyDeps, manifest: ManifestRows): Promise<void> {
  const { catalog, storage, repair, clock, onProblem } = deps;
  const { repository, digest } = manifest;
  const content = await readManifest(storage.blobs, manifest);
  if (content.kind === 'facts' && listProblems(manifest, content.facts).length === 0) return;
  // It may have been deleted, or pushed under another type, since it was listed.
  const now = await findManifestRows(catalog, repository, digest);
  if (!now) return;
  if (content.kind === 'unreadable') {
    return onProblem({ kind: 'manifest unreadable', repository, name: digest, detail: content.reason });
  }
  if (now.mediaType !== manifest.mediaType) return;
  const problems = listProblems(now, content.facts);
  if (problems.length > 0 && repair) {
    await catalog.run('restoreRows', { rows: rowsOfManifest(now, content.facts, new Map(), clock()) });
  }
  for (const problem of problems) onProblem({ ...problem, ...(repair && { mended: true }) });
}

/** What the rows of a manifest lack of what its bytes say. They may say more: a foreign layer that is kept. */
function listProblems(rows: ManifestRows, facts: ManifestFacts): readonly Problem[] {
  const common = { repository: rows.repository, name: rows.digest };
  const { blobs, children, ...row } = manifestRow(rows, facts);
  const { blobs: knownBlobs, children: knownChildren, unheld, ...known } = rows;
  const agrees =
    isDeepStrictEqual(row, known) &&
    blobs.every((blob) => knownBlobs.includes(blob)) &&
    children.every((child) => knownChildren.includes(child));
  const unreadable = blobs.filter((blob) => unheld.includes(blob));
  return [
    ...(agrees ? [] : [{ kind: 'facts differ', ...common } as const]),
    ...unreadable.map((blob) => ({ kind: 'membership missing', ...common, digest: blob }) as const),
  ];
}

/** One manifest with all that it names, as it is now. */
async function findManifestRows(
  { queries }: Catalog,
  repository: RepositoryName,
  digest: Digest,
): Promise<ManifestRows | undefined> {
  const [found] = await queries.listManifests(repository, { after: digest.slice(0, -1), limit: 1 });
  return found?.digest === digest ? found : undefined;
}
