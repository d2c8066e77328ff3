import type { UploadId } from '../../../pkg/oci/index.ts';
import type { Catalog, HurtName } from '../../catalog/index.ts';
import type { Storage } from '../../storage/index.ts';
import { copyBlob } from '../copy-blob.ts';
import { findKept, type KnownContent } from '../damage.ts';
import type { Holder, RepairSource } from './types.ts';

export interface MendDeps {
  readonly catalog: Pick<Catalog, 'queries'>;
  readonly storage: Pick<Storage, 'blobs' | 'uploads'>;
  readonly newUploadId: () => UploadId;
  readonly sources: readonly RepairSource[];
}

/** What came of it: the name of the source that had the content, or why none could give it. */
export interface Mending {
  readonly from: string | undefined;
  readonly failures: readonly string[];
}

/** So many repositories are asked for. */
const MOST_HOLDERS = 8;

/**
 * Puts good content in place of damaged, from the first source that has it. Every byte goes through its digest on the
 * way: what a source gives instead of it is never in place. What is collected meanwhile leaves content that no row knows,
 * which is found as such.
 */
export async function mend(
  { catalog, storage, newUploadId, sources }: MendDeps,
  content: KnownContent,
  hurt: readonly HurtName[],
  signal: AbortSignal,
): Promise<Mending> {
  const { digest, sizeBytes } = content;
  const failures: string[] = [];
  const holders = sources.length > 0 ? await findHolders(catalog, content, hurt) : [];
  for (const source of sources) {
    signal.throwIfAborted();
    try {
      if (!(await findKept(catalog, digest))) return { from: undefined, failures: [] };
      const found = await source.open(content, holders, signal);
      if (!found) {
        failures.push(`${source.name}: it is not there`);
      } else if (found.sizeBytes !== sizeBytes) {
        await found.close();
        failures.push(`${source.name}: it has ${found.sizeBytes} bytes there, not ${sizeBytes}`);
      } else if (await copyBlob(found, digest, { storage, newUploadId, signal, replace: true })) {
        return { from: source.name, failures };
      } else failures.push(`${source.name}: its bytes there are not what its digest says`);
    } catch (failure) {
      signal.throwIfAborted();
      failures.push(`${source.name}: ${reasonOf(failure)}`);
    }
  }
  return { from: undefined, failures };
}

/** What went wrong, with what led to it: that an address may not be called is told by that alone. */
function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'it failed';
  return failure.cause instanceof Error ? `${failure.message}: ${failure.cause.message}` : failure.message;
}

/** Where somebody else may have it: where it is a manifest, else where it is a layer or config. */
async function findHolders(
  { queries }: Pick<Catalog, 'queries'>,
  { digest }: KnownContent,
  hurt: readonly HurtName[],
): Promise<readonly Holder[]> {
  const asManifest = hurt.filter(({ manifest }) => manifest === digest).map(({ repository }) => repository);
  const asBlob = await queries.listHolders(digest, { limit: MOST_HOLDERS });
  return [
    ...[...new Set(asManifest)].slice(0, MOST_HOLDERS).map((repository) => ({ repository, isManifest: true })),
    ...asBlob.map((repository) => ({ repository, isManifest: false })),
  ];
}
