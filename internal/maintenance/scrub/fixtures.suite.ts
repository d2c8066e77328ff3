import { randomUUID } from 'node:crypto';
import type { Digest } from '../../../pkg/oci/index.ts';
import { newUploadId, type Rig } from '../../registry/fixtures.suite.ts';
import { contentOf } from '../../storage/index.ts';
import type { Sample } from '../../testing/images.ts';
import { createScrub, type Scrub, type ScrubDeps, type ScrubRequest } from './scrub.ts';
import type { ScrubRun } from './run.ts';
import type { Finding, RepairSource } from './types.ts';

// A suite by its name only because nothing but tests may import it.

export const BY = { principal: 'alice', address: 'local', requestId: 'request' };

const CONFIG: ScrubDeps['config'] = {
  'scrub.enabled': true,
  'scrub.interval': 720 * 3_600_000,
  'scrub.rate': 0,
  'scrub.repair': true,
  'scrub.backup': undefined,
  'scrub.peer.url': undefined,
  'scrub.peer.username': undefined,
  'scrub.peer.password': undefined,
  'scrub.peer.auth_hosts': [],
};

export interface ScrubRig {
  readonly scrub: Scrub;
  readonly findings: readonly Finding[];
  readonly told: readonly string[];
  /** A pass from its beginning to its end. */
  readonly pass: (request?: Partial<ScrubRequest>) => Promise<ScrubRun>;
}

/** A scrub over what a registry rig stores. */
export function openScrub(
  rig: Rig,
  { config, ...more }: Partial<Omit<ScrubDeps, 'config'>> & { config?: Partial<ScrubDeps['config']> } = {},
): ScrubRig {
  const findings: Finding[] = [];
  const told: string[] = [];
  const scrub = createScrub({
    catalog: rig.catalog,
    storage: rig.storage,
    config: { ...CONFIG, ...(config as ScrubDeps['config'] | undefined) }, // nothing in it is undefined that may not be
    sources: [],
    clock: () => rig.clock.nowMs,
    ticks: () => rig.clock.nowMs,
    pause: async (ms) => void (rig.clock.nowMs += ms),
    newId: randomUUID,
    newUploadId,
    log: { info: (message) => void told.push(message), error: (message) => void told.push(message) },
    onFinding: (finding) => void findings.push(finding),
    ...more,
  });
  return {
    scrub,
    findings,
    told,
    async pass(request = {}) {
      const begun = await scrub.begin({ trigger: 'command', by: BY, anew: true, ...request });
      if (begun.kind === 'busy') throw new Error('a pass goes on already');
      return begun.done;
    },
  };
}

/** Where these samples can be had again; what is asked for is noted. */
export function sourceOf(name: string, ...samples: readonly Sample[]): RepairSource & { readonly asked: Digest[] } {
  const asked: Digest[] = [];
  return {
    name,
    asked,
    async open({ digest }) {
      asked.push(digest);
      const found = samples.find((sample) => sample.digest === digest);
      return found && contentOf(found.bytes);
    },
    close: () => Promise.resolve(),
  };
}

/** The bytes with one bit flipped. */
export function flipped({ bytes }: { readonly bytes: Uint8Array }): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

export async function quarantined({ catalog }: Pick<Rig, 'catalog'>): Promise<readonly Digest[]> {
  return (await catalog.queries.listQuarantine({ limit: 1000 })).map(({ digest }) => digest);
}
