import type { Pool } from '../generator/pool.ts';
import { forkServer } from '../peers/forked.ts';
import type { Work } from '../workloads/types.ts';
import { runRounds, type RoundOptions } from './rounds.ts';
import { quantileOf } from '../statistics/spread.ts';

/** The most that the generator gets out of this machine against a server that does nothing, each by the second. */
export interface Ceiling {
  /** Requests with empty answers. */
  readonly requests: number;
  /** Answers of 64 KiB. */
  readonly answers64k: number;
  readonly downloadBytes: number;
  readonly uploadBytes: number;
}

const LARGE_BYTES = 64 * 1024 * 1024;
const ROUNDS = 3;

const reading = (bytes: number): Work => ({ kind: 'read', reads: [{ method: 'GET', path: `/v2/null/${bytes}` }] });

const STEPS = [
  { name: 'requests', work: reading(0), connections: 32, bytes: false },
  { name: 'answers64k', work: reading(64 * 1024), connections: 32, bytes: false },
  { name: 'downloadBytes', work: reading(LARGE_BYTES), connections: 1, bytes: true },
  {
    name: 'uploadBytes',
    work: { kind: 'upload', repository: 'null', sizeBytes: LARGE_BYTES, way: 'monolithic', chunkBytes: LARGE_BYTES },
    connections: 1,
    bytes: true,
  },
] as const satisfies readonly { name: keyof Ceiling; work: Work; connections: number; bytes: boolean }[];

/** Measures the generator itself; takes some ten seconds with rounds of half a second. */
export async function measureCeiling(
  pool: Pool,
  options: Pick<RoundOptions, 'durationMs' | 'settleMs' | 'processes' | 'cores'>,
): Promise<Ceiling> {
  const server = await forkServer('null-server');
  try {
    const found: Partial<Record<keyof Ceiling, number>> = {};
    for (const { name, work, connections, bytes } of STEPS) {
      const target = { name, site: { url: server.url, authHosts: [] }, pid: server.pid };
      const { measured: rounds } = await runRounds(pool, [{ target, work }], {
        ...options,
        rounds: ROUNDS,
        warmupMs: options.durationMs,
        connections,
        operationLimit: undefined,
        newConnections: false,
        onRound: () => undefined,
        afterRound: async () => undefined,
      });
      const rates = (rounds.get(target) ?? []).map((round) => {
        const what = bytes ? round.receivedBytes + round.sentBytes : round.operations;
        return (what / round.elapsedMs) * 1000;
      });
      found[name] = quantileOf(rates, 0.5);
    }
    return found as Ceiling;
  } finally {
    await server.close();
  }
}
