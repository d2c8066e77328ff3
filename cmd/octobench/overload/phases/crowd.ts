import { createClient } from '../../../../pkg/client/index.ts';
import type { Round } from '../../generator/pool.ts';
import { settle } from '../../measure/settle.ts';
import { usageOf } from '../../measure/processes.ts';
import { prepareFixture } from '../../workloads/prepare.ts';
import { WORKLOADS } from '../../workloads/table.ts';
import type { Work } from '../../workloads/types.ts';
import { brokenOf, clientFigures, rateOf, watchedFigures } from '../figures.ts';
import type { PhaseDeps, PhaseReport } from '../types.ts';
import { KEPT_PART, SOCKET_BYTES, WORK_BYTES } from '../verdict.ts';
import { watchServer } from '../watch.ts';

const TRIED_CLIENTS = [8, 16, 32, 64];
/** More clients than this part of the best rate needs are more than the machine can serve. */
const NEARLY = 0.95;
const TIMES = 10;
/** A crowd takes its time to come to an even flow. */
const CROWD_TIMES = 2;

/** What the server does for as many clients as it can serve. */
export interface Capacity {
  readonly clients: number;
  readonly rate: number;
  readonly work: Work;
}

export async function prepareDay({ server, run }: PhaseDeps): Promise<Work> {
  const day = WORKLOADS.find(({ name }) => name === 'day');
  if (!day) throw new RangeError('there is no workload of a mixed day');
  const { fixtures, work } = day.plan({ prefix: 'octobench', run, scale: { largeBytes: 0, tags: 0 } });
  const client = createClient({ url: server.url });
  for (const fixture of fixtures) await prepareFixture(client, fixture);
  return work;
}

function crowd(
  deps: PhaseDeps,
  work: Work,
  { clients, newConnections, durationMs }: { clients: number; newConnections: boolean; durationMs: number },
): Promise<Round> {
  const { server, pool, processes, run } = deps;
  return pool.run(
    {
      site: { url: server.url, authHosts: [] },
      work,
      connections: clients,
      durationMs,
      operationLimit: undefined,
      newConnections,
      isChecked: true,
      label: `${run}-${clients}-${newConnections ? 'new' : 'kept'}-`,
    },
    processes,
  );
}

/** Finds the fewest clients that the server is as busy with as it can be. */
export async function findCapacity(deps: PhaseDeps): Promise<{ capacity: Capacity; phase: PhaseReport }> {
  const work = await prepareDay(deps);
  const { durationMs } = deps;
  await crowd(deps, work, { clients: TRIED_CLIENTS[0] ?? 1, newConnections: false, durationMs }); // code gets compiled, caches fill
  const tried: { readonly clients: number; readonly round: Round }[] = [];
  for (const clients of TRIED_CLIENTS) {
    deps.onStep(`capacity: ${clients} clients`);
    tried.push({ clients, round: await crowd(deps, work, { clients, newConnections: false, durationMs }) });
    await settle([deps.server.pid], deps.settleMs);
  }
  const best = Math.max(...tried.map(({ round }) => rateOf(round)));
  const enough = tried.find(({ round }) => rateOf(round) >= NEARLY * best);
  if (!enough || best === 0) throw new Error('the server does nothing for anybody');
  const { clients, round } = enough;
  const capacity = { clients, rate: rateOf(round), work };
  const figures = [
    { name: 'clients', unit: 'count', value: clients } as const,
    ...clientFigures(round),
    {
      name: 'broken, of all tried',
      unit: 'count',
      value: tried.reduce((sum, one) => sum + brokenOf(one.round), 0),
    } as const,
  ];
  return {
    capacity,
    phase: {
      name: 'capacity',
      doc: 'a mixed day for as many clients as the server can serve',
      figures,
      errors: round.errors,
    },
  };
}

/** A mixed day for a crowd: everybody is served, or told to come back later, and the server stays well. */
export async function crowdPhase(
  deps: PhaseDeps,
  { rate, work }: Capacity,
  clients: number,
  newConnections: boolean,
): Promise<PhaseReport> {
  const how = newConnections ? 'a connection for each operation' : 'kept connections';
  const name = `${clients} clients, ${how}`;
  deps.onStep(`${name}: a mixed day`);
  await settle([deps.server.pid], deps.settleMs);
  const idleBytes = usageOf(deps.server.pid)?.rssBytes ?? 0;
  const durationMs = CROWD_TIMES * deps.durationMs;
  const { done, watched } = await watchServer(deps.server, () =>
    crowd(deps, work, { clients, newConnections, durationMs }),
  );
  return {
    name,
    doc: 'a mixed day',
    figures: [
      ...clientFigures(done),
      {
        name: 'rate, of what it can',
        unit: 'part',
        value: rateOf(done) / rate,
        bound: { kind: 'least', value: KEPT_PART },
      },
      ...watchedFigures(watched, idleBytes, WORK_BYTES + clients * SOCKET_BYTES),
    ],
    errors: done.errors,
  };
}

/** How many clients are ten times what the server can serve. */
export const overCapacity = ({ clients }: Capacity): number => TIMES * clients;
