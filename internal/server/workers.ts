import cluster, { type Worker } from 'node:cluster';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExitCode } from '../cli/index.ts';
import type { Logger, RootLogger } from '../log/index.ts';
import { createMetrics, exposeMerged, type Exposition, type MetricsSnapshot } from '../metrics/index.ts';
import type { Config } from './options.ts';
import { serve, type Role } from './serve.ts';

type FromPrimary =
  | Readonly<{ kind: 'role'; role: Role }>
  | Readonly<{ kind: 'stop' }>
  | Readonly<{ kind: 'snapshot'; ask: number }>
  | Readonly<{ kind: 'merged'; ask: number; snapshots: readonly MetricsSnapshot[] }>;
type FromWorker =
  /** It listens: what was said to it before is lost. */
  | Readonly<{ kind: 'listening' }>
  | Readonly<{ kind: 'ready' }>
  | Readonly<{ kind: 'gather'; ask: number }>
  | Readonly<{ kind: 'snapshot'; ask: number; snapshot: MetricsSnapshot }>;

const RESTART_MS = 1000;
const GATHER_MS = 2000;

interface Supervised {
  readonly config: Config;
  readonly workers: number;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/** Fails where another program has the port: processes that share a port would not notice it. */
function probePort(config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: config['server.port'], host: config['server.address'] }, () => probe.close(() => resolve()));
  });
}

/** The metrics of every process, those that do not answer in time left out. */
async function gatherSnapshots(): Promise<readonly MetricsSnapshot[]> {
  const asked = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  const answers = asked.map(
    (worker, ask) =>
      new Promise<MetricsSnapshot | undefined>((resolve) => {
        const onMessage = (message: FromWorker): void => {
          if (message.kind === 'snapshot' && message.ask === ask) finish(message.snapshot);
        };
        const timer = setTimeout(() => finish(undefined), GATHER_MS);
        const finish = (snapshot: MetricsSnapshot | undefined): void => {
          clearTimeout(timer);
          worker.off('message', onMessage);
          resolve(snapshot);
        };
        worker.on('message', onMessage);
        worker.send({ kind: 'snapshot', ask } satisfies FromPrimary);
      }),
  );
  return (await Promise.all(answers)).filter((snapshot) => snapshot !== undefined);
}

async function answerGather(worker: Worker, ask: number): Promise<void> {
  const snapshots = await gatherSnapshots();
  if (worker.isConnected()) worker.send({ kind: 'merged', ask, snapshots } satisfies FromPrimary);
}

/** The primary: starts the processes, starts again what dies, stops them all. It does nothing else. */
export async function superviseWorkers({ config, workers, log, stop }: Supervised): Promise<ExitCode> {
  try {
    await probePort(config);
  } catch (error) {
    log.error('HTTP server error', { error });
    return 1;
  }
  const ended = Promise.withResolvers<ExitCode>();
  let worst: ExitCode = 0;
  let stopping = false;
  const up = new Set<Role>();

  const alive = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  function stopAll(code: ExitCode): void {
    worst = code === 0 ? worst : code;
    if (!stopping) for (const worker of alive()) worker.send({ kind: 'stop' } satisfies FromPrimary);
    stopping = true;
    if (alive().length === 0) ended.resolve(worst);
  }

  function start(role: Role): void {
    const worker = cluster.fork();
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'listening') {
        worker.send((stopping ? { kind: 'stop' } : { kind: 'role', role }) satisfies FromPrimary);
      }
      if (message.kind === 'ready') up.add(role);
      if (message.kind === 'gather') void answerGather(worker, message.ask);
    });
    worker.once('exit', (code, signal) => {
      // What never came up would not come up the second time either.
      if (stopping || !up.has(role)) return stopAll(code === 0 && stopping ? 0 : 1);
      log.error('A process of the server ended, another is started', { role, code, signal });
      return void sleep(RESTART_MS).then(() => stopping || start(role));
    });
  }

  start('jobs');
  for (let count = 0; count < workers; count += 1) start('requests');
  stop.addEventListener('abort', () => {
    log.info('Shutting down server...');
    stopAll(0);
  });
  return ended.promise;
}

interface WorkerOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: RootLogger;
}

/** A process under the primary: does what it is told to be, stops when told or when the primary is gone. */
export async function runWorker({ config, version, log }: WorkerOptions): Promise<ExitCode> {
  const stopping = new AbortController();
  const role = Promise.withResolvers<Role>();
  const waiting = new Map<number, (snapshots: readonly MetricsSnapshot[]) => void>();
  const metrics = createMetrics();
  let asked = 0;
  const send = (message: FromWorker): void => void process.send?.(message);

  process.on('SIGINT', () => undefined); // a terminal sends it to the whole group: the primary decides
  process.on('SIGTERM', () => stopping.abort());
  process.on('disconnect', () => stopping.abort());
  process.on('message', (message: FromPrimary) => {
    switch (message.kind) {
      case 'role':
        role.resolve(message.role);
        return;
      case 'stop':
        stopping.abort();
        role.resolve('jobs'); // it ends before it begins
        return;
      case 'snapshot':
        void answerSnapshot(message.ask);
        return;
      case 'merged':
        waiting.get(message.ask)?.(message.snapshots);
        waiting.delete(message.ask);
        return;
      default:
        message satisfies never;
    }
  });

  send({ kind: 'listening' });

  async function answerSnapshot(ask: number): Promise<void> {
    send({ kind: 'snapshot', ask, snapshot: await metrics.snapshot() });
  }

  async function expose(): Promise<Exposition> {
    asked += 1;
    const snapshots = await new Promise<readonly MetricsSnapshot[]>((resolve) => {
      waiting.set(asked, resolve);
      send({ kind: 'gather', ask: asked });
    });
    return exposeMerged(snapshots);
  }

  const code = await serve({
    role: await role.promise,
    config,
    version,
    log,
    stop: stopping.signal,
    onReady: () => send({ kind: 'ready' }),
    metrics,
    expose,
  });
  process.disconnect?.();
  return code;
}
