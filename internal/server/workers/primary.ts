import cluster, { type Worker } from 'node:cluster';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExitCode } from '../../cli/index.ts';
import type { Logger } from '../../log/index.ts';
import type { Config } from '../options.ts';
import type { Role } from '../serve.ts';
import type { FromPrimary, FromWorker } from './messages.ts';
import { gatherSnapshots } from './snapshots.ts';

const RESTART_MS = 1000;

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
