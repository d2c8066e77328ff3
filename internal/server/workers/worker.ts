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
  /** The process that this is. */
  readonly self?: NodeJS.Process;
}

/** A process under the primary: does what it is told to be, until it is told to stop. Node ends it when the primary is gone. */
export async function runWorker({ config, version, log, self = process }: WorkerOptions): Promise<ExitCode> {
  const stopping = new AbortController();
  const told = Promise.withResolvers<Role | undefined>();
  const waiting = new Map<number, (snapshots: readonly MetricsSnapshot[]) => void>();
  const metrics = createMetrics();
  let asked = 0;
  const send = (message: FromWorker): void => void (self.connected && self.send?.(message));

  stopping.signal.addEventListener('abort', () => told.resolve(undefined)); // it ends before it begins
  self.on('SIGINT', () => undefined); // a terminal sends it to the whole group: the primary decides
  self.on('SIGTERM', () => stopping.abort());
  self.on('message', (message: FromPrimary) => {
    switch (message.kind) {
      case 'role':
        told.resolve(message.role);
        return;
      case 'stop':
        stopping.abort();
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

  const role = await told.promise;
  const code =
    role === undefined
      ? 0
      : await serve({
          role,
          config,
          version,
          log,
          stop: stopping.signal,
          onReady: () => send({ kind: 'ready' }),
          metrics,
          expose,
        });
  // The channel alone would hold the process now. Closed by hand, it would have Node end the process at once, with 0.
  self.channel?.unref();
  return code;
}
