import type { Round } from '../generator/pool.ts';
import type { Figure } from './types.ts';
import { HEALTH_MS } from './verdict.ts';
import type { Watched } from './watch.ts';

/** By the second. */
export const rateOf = ({ operations, elapsedMs }: Round): number =>
  elapsedMs > 0 ? (operations / elapsedMs) * 1000 : 0;

/** What came to nothing, and was no clean refusal. */
export const brokenOf = ({ errors, refused }: Round): number =>
  Object.values(errors).reduce((sum, count) => sum + count, 0) - refused;

/** What the clients of a phase saw: everything is answered whole, or refused. */
export function clientFigures(round: Round): readonly Figure[] {
  return [
    { name: 'whole', unit: 'count', value: round.operations },
    { name: 'refused', unit: 'count', value: round.refused },
    { name: 'broken', unit: 'count', value: brokenOf(round), bound: { kind: 'most', value: 0 } },
    { name: 'rate', unit: 'rate', value: rateOf(round) },
    { name: 'p50', unit: 'ms', value: round.latency.quantile(0.5) },
    { name: 'p99', unit: 'ms', value: round.latency.quantile(0.99) },
  ];
}

/** What the server's probes and its memory have to be in any phase. */
export function watchedFigures(watched: Watched, idleBytes: number, allowedBytes: number): readonly Figure[] {
  const { keptMs, readyMs, failedProbes, peakBytes } = watched;
  const inTime = { kind: 'most', value: HEALTH_MS } as const;
  return [
    { name: 'slowest /healthz', unit: 'ms', value: keptMs, bound: inTime },
    { name: 'slowest /readyz, new connections', unit: 'ms', value: readyMs, bound: inTime },
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
