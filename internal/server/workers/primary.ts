import cluster, { type Worker } from 'node:cluster';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExitCode } from '../../cli/index.ts';
import type { Fields, Logger } from '../../log/index.ts';
import type { Config } from '../options.ts';
import type { Role } from '../serve.ts';
import { tell, type FromWorker } from './messages.ts';
import { createGatherer } from './snapshots.ts';

const RESTART_MS = 1000;

interface Supervised {
  readonly config: Config;
  readonly workers: number;
  readonly log: Logger;
  readonly stop: AbortSignal;
  /** Starts a process of the server. */
  readonly fork?: () => Worker;
  /** Resolves when it is time to start another process for one that ended. */
  readonly pause?: () => Promise<unknown>;
}

/** Fails where another program has the port: processes that share a port would not notice it. */
function probePort(config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: config['server.port'], host: config['server.address'] }, () => probe.close(() => resolve()));
  });
}

/** The primary: starts the processes, starts again what dies, stops them all. It does nothing else. */
export async function superviseWorkers(supervised: Supervised): Promise<ExitCode> {
  const { config, workers, log, stop, fork = () => cluster.fork(), pause = () => sleep(RESTART_MS) } = supervised;
  try {
    await probePort(config);
  } catch (error) {
    log.error('HTTP server error', { error });
    return 1;
  }
  if (stop.aborted) return 0;
  const ended = Promise.withResolvers<ExitCode>();
  let worst: ExitCode = 0;
  let stopping = false;
  const up = new Set<Role>();
  const alive = new Set<Worker>();
  const gather = createGatherer(() => [...alive]);

  function stopAll(code: ExitCode): void {
    worst = code === 0 ? worst : code;
    if (!stopping) for (const worker of alive) tell(worker, { kind: 'stop' });
    stopping = true;
    if (alive.size === 0) ended.resolve(worst);
  }

  function replace(role: Role, how: Fields, code: ExitCode = 1): void {
    if (stopping) return stopAll(code);
    if (!up.has(role)) {
      // What never came up would not come up the second time either.
      log.error('A process of the server ended before it was up', { role, ...how });
      return stopAll(1);
    }
    log.error('A process of the server ended, another is started', { role, ...how });
    return void pause().then(() => start(role));
  }

  function start(role: Role): void {
    if (stopping) return;
    let worker: Worker;
    try {
      worker = fork();
    } catch (error) {
      return replace(role, { error });
    }
    alive.add(worker);
    const leave = (how: Fields, code?: ExitCode): void => {
      alive.delete(worker);
      replace(role, how, code);
    };
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'listening') tell(worker, stopping ? { kind: 'stop' } : { kind: 'role', role });
      if (message.kind === 'ready') up.add(role);
      if (message.kind === 'gather') {
        void gather().then((snapshots) => tell(worker, { kind: 'merged', ask: message.ask, snapshots }));
      }
    });
    worker.once('exit', (code, signal) => leave({ exit_code: code, signal }, code === 0 ? 0 : 1));
    worker.on('error', (error) => {
      // Without a process id it was never started, and no `exit` follows.
      if (worker.process.pid === undefined && alive.has(worker)) leave({ error });
      else log.warn('A process of the server does not hear', { role, error });
    });
  }

  stop.addEventListener('abort', () => {
    log.info('Shutting down server...');
    stopAll(0);
  });
  start('jobs');
  for (let count = 0; count < workers; count += 1) start('requests');
  return ended.promise;
}
