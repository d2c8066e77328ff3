import { encodedOf, findDigest, OciError, unreachable, type Digest } from '../../../../pkg/oci/index.ts';
import type { Artifacts } from '../../../artifacts/index.ts';
import type { FoundryFolder, FoundryRow } from '../../../maintenance/index.ts';
import type { Origin } from '../../../registry/index.ts';
import { artifactOf } from '../artifact.ts';
import { createNamespace, findPackageName, findVersionName, tagOf, type Namespace } from '../names.ts';
import type { FoundryConfig } from '../options.ts';
import type { Named } from '../requests.ts';
import { versionOf } from '../versions.ts';

export interface ImportFoundryDeps {
  readonly folder: Pick<FoundryFolder, 'count' | 'rows' | 'openBlob'>;
  readonly artifacts: Artifacts;
  readonly config: FoundryConfig;
  readonly by: Origin;
  /** Tells what would be imported, and writes nothing; bytes are not checked then. */
  readonly dryRun: boolean;
  readonly onProblem: (problem: { readonly name: string; readonly detail: string }) => void;
  readonly onProgress: { total(pieces: number): void; done(pieces: number): void };
}

export interface ImportedFoundry {
  readonly versions: number;
  readonly bytes: number;
  /** Versions that were there already. */
  readonly unchanged: number;
  /** Versions that could not be imported. */
  readonly skipped: number;
}

type Outcome = 'imported' | 'unchanged';

/** Why a version cannot be imported: told, and the rest goes on. */
class Unfit extends Error {}

/**
 * Brings the versions of a reference server into this registry: same bytes, names and times. What is there already
 * stays, so that it can be run again.
 */
export async function importFoundry(deps: ImportFoundryDeps): Promise<ImportedFoundry> {
  const { folder, onProblem, onProgress } = deps;
  const namespace = createNamespace(deps.config['facades.foundry.prefix']);
  const counts = { versions: 0, bytes: 0, unchanged: 0, skipped: 0 };
  onProgress.total(folder.count);
  // One after the other, in their order: so the numbers that they get are in the order in which they came.
  for (const row of folder.rows()) {
    try {
      const outcome = await importRow(row, namespace, deps);
      if (outcome === 'unchanged') counts.unchanged += 1;
      else {
        counts.versions += 1;
        counts.bytes += row.sizeBytes;
      }
    } catch (failure) {
      if (!(failure instanceof Unfit || failure instanceof OciError)) throw failure;
      const detail = failure instanceof OciError ? [failure.message, ...failure.detail].join(': ') : failure.message;
      counts.skipped += 1;
      onProblem({ name: `${row.package}@${row.version}`, detail });
    }
    onProgress.done(1);
  }
  return counts;
}

async function importRow(row: FoundryRow, namespace: Namespace, deps: ImportFoundryDeps): Promise<Outcome> {
  const { artifacts, by, dryRun } = deps;
  const named = readNames(row, namespace);
  const digest = findDigest(`sha256:${row.hash}`);
  if (!digest) throw new Unfit(`${row.hash} is no SHA-256`);
  if (Number.isNaN(Date.parse(row.uploadedAt))) throw new Unfit(`${row.uploadedAt} is no time`);
  const there = await artifacts.find(named.repository, tagOf(named.version));
  if (there) {
    const version = versionOf(there);
    if (version?.version === named.version && version.digest === digest) return 'unchanged';
    throw new Unfit(`its tag is there already, with ${version ? `${version.version} ${version.hash}` : 'no version'}`);
  }
  const content = await deps.folder.openBlob(row.hash);
  if (!content) throw new Unfit('its blob is missing');
  if (dryRun) return 'imported';
  const uploaded = await upload(content, digest, row, named, deps);
  const created = await artifacts.create(by, artifactOf(named, uploaded, row.uploadedAt));
  switch (created.kind) {
    case 'created':
      return 'imported';
    case 'exists':
      throw new Unfit('somebody made it just now');
    default:
      return unreachable(created);
  }
}

async function upload(
  stream: AsyncIterable<Uint8Array>,
  digest: Digest,
  { sizeBytes }: FoundryRow,
  { repository }: Named,
  { artifacts, by }: ImportFoundryDeps,
): ReturnType<Artifacts['upload']> {
  try {
    const uploaded = await artifacts.upload(by, repository, { stream }, digest);
    if (uploaded.sizeBytes === sizeBytes) return uploaded;
    throw new Unfit(`its blob has ${uploaded.sizeBytes} bytes, not ${sizeBytes}`);
  } catch (failure) {
    if (!(failure instanceof OciError && failure.code === 'DIGEST_INVALID')) throw failure;
    throw new Unfit(`its blob is corrupt: ${failure.detail[0] ?? ''}, not ${encodedOf(digest)}`);
  }
}

/** What clients sent encoded the reference server kept so (foundry contract, section 8): here it has its true name. */
function readNames({ package: writtenPackage, version: writtenVersion }: FoundryRow, namespace: Namespace): Named {
  const name = findPackageName(decoded(writtenPackage));
  if (name === undefined) throw new Unfit('the name of its package is none that is accepted here');
  const version = findVersionName(decoded(writtenVersion));
  if (version === undefined) throw new Unfit('its version is none that is accepted here');
  return { name, version, repository: namespace.repositoryOf(name) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
