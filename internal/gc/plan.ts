import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Candidate } from '../catalog/index.ts';

/** By what a collection decides. Times are milliseconds since 1970. */
export interface Policy {
  readonly nowMs: number;
  /** How long a blob must have been without a reference. */
  readonly graceMs: number;
  /** Only what these uploaded or were the last to reference; all where there are none. */
  readonly repositories?: ReadonlySet<RepositoryName> | undefined;
}

/**
 * `needed`: something references it, and nobody else relies on it. `leased`: somebody was told that it is there.
 * `young`: it may yet be referenced. `elsewhere`: not of the repositories that were asked for.
 */
export type Verdict = 'garbage' | 'needed' | 'leased' | 'young' | 'elsewhere';

/** What is to become of a blob that may be garbage. */
export function judge(candidate: Candidate, { nowMs, graceMs, repositories }: Policy): Verdict {
  // Never waived, whoever asks for a collection.
  if (candidate.leasedUntilMs > nowMs) return 'leased';
  if (candidate.isReferenced) return 'needed';
  if (candidate.sinceMs > nowMs - graceMs) return 'young';
  const { repository } = candidate;
  const isAskedFor = !repositories || (repository !== undefined && repositories.has(repository));
  return isAskedFor ? 'garbage' : 'elsewhere';
}

export interface Sweep {
  readonly garbage: readonly Candidate[];
  /** Candidates that need not be looked at again until they lose a reference. */
  readonly needed: readonly Candidate[];
}

/** Which of the candidates go, and which are candidates no more. The transactions that carry it out look once more. */
export function planSweep(candidates: readonly Candidate[], policy: Policy): Sweep {
  const by = Map.groupBy(candidates, (candidate) => judge(candidate, policy));
  return { garbage: by.get('garbage') ?? [], needed: by.get('needed') ?? [] };
}
