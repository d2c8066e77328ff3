import type { ExitCode } from '../../cli/index.ts';
import type { RootLogger } from '../../log/index.ts';
import { createMetrics, exposeMerged, type Exposition, type MetricsSnapshot } from '../../metrics/index.ts';
import type { Config } from '../options.ts';
import { serve, type Role } from '../serve.ts';
import type { FromPrimary, FromWorker } from './messages.ts';

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
