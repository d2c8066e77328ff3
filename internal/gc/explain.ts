import type { BlobUse } from '../catalog/index.ts';

/**
 * Why a blob is there, and when it goes. `kept`: manifests reference it. `leased`: somebody was told that it is there.
 * `waiting`: for the end of its delay. `due`: the next run takes it. `deleting`: it is being removed.
 */
export type Explanation =
  | Readonly<{ kind: 'unknown' }>
  | Readonly<{ kind: 'kept'; references: BlobUse['references'] }>
  | Readonly<{ kind: 'leased'; leases: BlobUse['leases']; untilMs: number }>
  | Readonly<{ kind: 'waiting'; sinceMs: number; untilMs: number }>
  | Readonly<{ kind: 'due'; sinceMs: number }>
  | Readonly<{ kind: 'deleting'; sinceMs: number }>;

/** What to say of a blob, from what the catalog knows of it. Times are milliseconds since 1970. */
export function explain(use: BlobUse | undefined, nowMs: number, delayMs: number): Explanation {
  if (!use) return { kind: 'unknown' };
  const { deletingMs, references, candidateMs = nowMs } = use;
  if (deletingMs !== undefined) return { kind: 'deleting', sinceMs: deletingMs };
  if (references.length > 0) return { kind: 'kept', references };
  const leases = use.leases.filter(({ untilMs }) => untilMs > nowMs);
  const reviewedMs = candidateMs + delayMs;
  if (leases.length > 0) {
    return { kind: 'leased', leases, untilMs: Math.max(reviewedMs, ...leases.map(({ untilMs }) => untilMs)) };
  }
  if (reviewedMs > nowMs) return { kind: 'waiting', sinceMs: candidateMs, untilMs: reviewedMs };
  return { kind: 'due', sinceMs: candidateMs };
}
