import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import type { Catalog } from '../catalog/index.ts';
import type { Logger } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Storage } from '../storage/index.ts';
import { findUploadId, type UploadId } from '../../pkg/oci/index.ts';
import type { Config } from './options.ts';

/** What the parts are built from that work over both stores, beside requests. */
export interface PartDeps {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly storage: Storage;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  readonly version: string;
  /** Told of bytes that came in pieces of memory and are done with (`createBodyGarbage`). */
  readonly onGarbage: (count: number) => void;
}

export const newUploadId = (): UploadId => findUploadId(v4()) as UploadId; // what v4 makes is one

/** Rejects when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });
