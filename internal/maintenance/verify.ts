import type { Digest } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Alone } from './alone.ts';
import { checkContent } from './check-content.ts';
import { checkManifests } from './check-manifests.ts';
import { checkOrphans } from './check-orphans.ts';
import { checkRecords } from './check-records.ts';
import type { OnProblem, OnProgress, Problem } from './problem.ts';
import { Suspects } from './suspects.ts';

export interface VerifyDeps {
  readonly storage: Pick<Storage, 'blobs' | 'manifests'>;
  readonly catalog: Catalog;
  readonly clock: () => number;
  /** Whether the digest of all content is computed, and not only that of manifests. */
  readonly content: boolean;
  /** Whether what can be mended is. */
  readonly repair: boolean;
  /** Brings the records up to date with the log. */
  readonly followChanges: (signal: AbortSignal) => Promise<void>;
  /** Runs something while no other process follows changes. */
  readonly alone: Alone;
  readonly onProblem: OnProblem;
  /** Content that no row knows. It is garbage, or what a lost catalog knew: never removed here, and nothing wrong. */
  readonly onOrphan: (orphan: { readonly digest: Digest; readonly sizeBytes: number }) => void;
  /** Measured in rows, records and contents that were looked at. */
  readonly onProgress: Pick<OnProgress, 'done'>;
}

export interface Verified {
  readonly blobs: number;
  readonly manifests: number;
  readonly tags: number;
  readonly records: number;
  readonly orphans: number;
  readonly orphanBytes: number;
  readonly problems: number;
  readonly mended: number;
}

/**
 * Compares storage and catalog both ways, beside servers that go on working: what looks wrong is looked at again before
 * it is told. Content is mended by nobody but who pushes it again; records and rows can be.
 */
export async function verifyStores(deps: VerifyDeps): Promise<Verified> {
  let [problems, mended] = [0, 0];
  const onProblem = (problem: Problem): void => {
    problems += 1;
    if (problem.mended) mended += 1;
    deps.onProblem(problem);
  };
  const telling = { ...deps, onProblem };
  const suspects = new Suspects(telling);
  const blobs = await checkContent(telling);
  const { manifests, tags } = await checkManifests(telling, suspects);
  const records = await checkRecords(telling, suspects);
  await suspects.judge();
  const orphans = await checkOrphans(telling);
  return { blobs, manifests, tags, records, ...orphans, problems, mended };
}
