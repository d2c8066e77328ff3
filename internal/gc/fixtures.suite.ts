import { randomUUID } from 'node:crypto';
import { TAKEOVER_MS, type Candidate } from '../catalog/index.ts';
import { BY, storedKeys, type Rig } from '../registry/fixtures.suite.ts';
import type { Digest } from '../../pkg/oci/index.ts';
import { collect, type CollectDeps, type Collection, type Tally } from './collect.ts';

// A suite by its name only because nothing but tests may import it.

export const HOUR_MS = 3_600_000;
/** Longer than the lease of the rig. */
export const DELAY_MS = 24 * HOUR_MS;
/** After so long a deletion may be taken over. */
export const GIVEN_UP_MS = TAKEOVER_MS + 1;

export interface Collector {
  readonly stuck: Digest[];
  readonly pauses: number[];
  readonly deps: CollectDeps;
  /** A collection with the usual delay, unless told otherwise. */
  collect(more?: Partial<Collection>, signal?: AbortSignal): Promise<Tally>;
  /** What a dry run says would go. */
  garbage(more?: Partial<Collection>): Promise<readonly Candidate[]>;
}

/** A collector on the stores of a rig, and on its clock. */
export function createCollector(rig: Rig, more: Partial<CollectDeps> = {}): Collector {
  const now = (): number => rig.clock.nowMs;
  const stuck: Digest[] = [];
  const pauses: number[] = [];
  const deps: CollectDeps = {
    catalog: rig.catalog,
    blobs: rig.storage.blobs,
    by: { ...BY, principal: 'gc' },
    clock: now,
    ticks: now,
    newId: randomUUID,
    onStuck: (digest) => void stuck.push(digest),
    pause: async (ms) => void pauses.push(ms),
    batchSize: 100,
    maxDeletesPerSecond: 0,
    ...more,
  };
  const run: Collector['collect'] = (asked, signal = new AbortController().signal) =>
    collect(deps, { graceMs: DELAY_MS, dryRun: false, ...asked }, signal);
  return {
    stuck,
    pauses,
    deps,
    collect: run,
    async garbage(asked) {
      const found: Candidate[] = [];
      await run({ dryRun: true, onGarbage: (candidate) => void found.push(candidate), ...asked });
      return found;
    },
  };
}

/** The digests of all content in storage, in order. */
export async function storedDigests(rig: Rig): Promise<readonly string[]> {
  const keys = await storedKeys(rig, 'blobs');
  return keys.map((key) => key.split('/')).map(([, algorithm, , , hex]) => `${algorithm}:${hex}`);
}
