import type { Round } from '../generator/pool.ts';
import type { Figure } from './types.ts';
import { HEALTH_MS } from './verdict.ts';
import type { Watched } from './watch.ts';

/** Good answers by the second: what was done for operations that were not finished in time counts too. */
export const rateOf = ({ answers, elapsedMs }: Round): number => (elapsedMs > 0 ? (answers / elapsedMs) * 1000 : 0);

/** What came to nothing, and was no clean refusal. */
export const brokenOf = ({ errors, refused }: Round): number =>
  Object.values(errors).reduce((sum, count) => sum + count, 0) - refused;

/** What the clients of a phase saw: everything is answered whole, or refused. */
export function clientFigures(round: Round): readonly Figure[] {
  return [
    { name: 'operations', unit: 'count', value: round.operations },
    { name: 'whole answers', unit: 'count', value: round.answers },
    { name: 'refused', unit: 'count', value: round.refused },
    { name: 'broken', unit: 'count', value: brokenOf(round), bound: { kind: 'most', value: 0 } },
    { name: 'rate', unit: 'rate', value: rateOf(round) },
    { name: 'p50 of an operation', unit: 'ms', value: round.latency.quantile(0.5) },
    { name: 'p99 of an operation', unit: 'ms', value: round.latency.quantile(0.99) },
  ];
}

/** What the server's probes and its memory have to be in any phase. */
export function watchedFigures(watched: Watched, idleBytes: number, allowedBytes: number): readonly Figure[] {
  const { aliveMs, readyMs, newMs, failedProbes, peakBytes } = watched;
  const inTime = { kind: 'most', value: HEALTH_MS } as const;
  return [
    { name: 'slowest /healthz', unit: 'ms', value: aliveMs, bound: inTime },
    { name: 'slowest /readyz', unit: 'ms', value: readyMs, bound: inTime },
    { name: 'slowest /healthz on a new connection', unit: 'ms', value: newMs },
    { name: 'probes that failed', unit: 'count', value: failedProbes, bound: { kind: 'most', value: 0 } },
    { name: 'memory before', unit: 'bytes', value: idleBytes },
    {
      name: 'memory above that, at most',
      unit: 'bytes',
      value: peakBytes - idleBytes,
      bound: { kind: 'most', value: allowedBytes },
    },
  ];
}
