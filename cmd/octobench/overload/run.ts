import { availableParallelism } from 'node:os';
import { createPool } from '../generator/pool.ts';
import { startOctoserve } from '../peers/octoserve.ts';
import { crowdPhase, findCapacity, overCapacity } from './phases/crowd.ts';
import { slowReaders, slowWriters } from './phases/slow.ts';
import { stormPhase } from './phases/storm.ts';
import { streamsPhase } from './phases/streams.ts';
import type { PhaseDeps, PhaseName, PhaseReport, Sizes } from './types.ts';

export interface OverloadOptions {
  readonly only: readonly PhaseName[];
  readonly sizes: Sizes;
  readonly durationMs: number;
  /** How long the machine is given to come to rest between measurements. */
  readonly settleMs: number;
  readonly workers: string;
  /** For the server's files. */
  readonly folder: string;
  readonly onStep: (text: string) => void;
}

/** Ten times what it can serve, and a large crowd; each on kept connections and on new ones. */
async function crowds(deps: PhaseDeps, { clients }: Sizes): Promise<readonly PhaseReport[]> {
  const { capacity, phase } = await findCapacity(deps);
  const phases = [phase];
  for (const count of [overCapacity(capacity), clients]) {
    for (const isNew of [false, true]) phases.push(await crowdPhase(deps, capacity, count, isNew));
  }
  return phases;
}

function runPhase(name: PhaseName, deps: PhaseDeps, sizes: Sizes): Promise<readonly PhaseReport[]> {
  const only = async (phase: Promise<PhaseReport>): Promise<readonly PhaseReport[]> => [await phase];
  switch (name) {
    case 'crowd':
      return crowds(deps, sizes);
    case 'readers':
      return only(slowReaders(deps, sizes));
    case 'writers':
      return only(slowWriters(deps, sizes));
    case 'streams':
      return only(streamsPhase(deps, sizes));
    case 'storm':
      return only(stormPhase(deps, sizes));
    default:
      return name satisfies never;
  }
}

/** Does too much of everything to our server as it comes, each kind to a server that was just started. */
export async function runOverload(options: OverloadOptions): Promise<readonly PhaseReport[]> {
  const { only, sizes, durationMs, settleMs, workers, folder, onStep } = options;
  const pool = createPool();
  const reports: PhaseReport[] = [];
  try {
    for (const name of only) {
      const server = await startOctoserve({ folder, durability: 'full', logsRequests: false, workers });
      const run = `${Date.now().toString(36)}-${name}`;
      const deps = { server, pool, processes: availableParallelism(), durationMs, settleMs, run, onStep };
      try {
        reports.push(...(await runPhase(name, deps, sizes)));
      } finally {
        await server.close();
      }
    }
  } finally {
    await pool.close();
  }
  return reports;
}
