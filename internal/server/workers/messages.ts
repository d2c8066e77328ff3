import type { Worker } from 'node:cluster';
import type { MetricsSnapshot } from '../../metrics/index.ts';
import type { Role } from '../serve.ts';

/** What the primary says to a worker. */
export type FromPrimary =
  | Readonly<{ kind: 'role'; role: Role }>
  | Readonly<{ kind: 'stop' }>
  | Readonly<{ kind: 'snapshot'; ask: number }>
  | Readonly<{ kind: 'merged'; ask: number; snapshots: readonly MetricsSnapshot[] }>;

/** What a worker says to the primary. */
export type FromWorker =
  /** It listens: what was said to it before is lost. */
  | Readonly<{ kind: 'listening' }>
  | Readonly<{ kind: 'ready' }>
  | Readonly<{ kind: 'gather'; ask: number }>
  | Readonly<{ kind: 'snapshot'; ask: number; snapshot: MetricsSnapshot }>;

/** Tells a worker something; one that is on its way out hears nothing, and its `exit` is what counts. */
export function tell(worker: Worker, message: FromPrimary): void {
  if (worker.isConnected()) worker.send(message);
}
