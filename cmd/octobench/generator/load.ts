import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Histogram } from '../statistics/histogram.ts';
import type { Work } from '../workloads/types.ts';
import { Connection } from './connection.ts';
import { createOperation, type Operation } from './operations.ts';
import { openSite, Refused, type Site, type SiteSpec } from './site.ts';

/** What one generator does in one round; plain data. */
export interface Load {
  readonly site: SiteSpec;
  readonly work: Work;
  readonly connections: number;
  /** No operation begins later; the last ones are waited for. Each connection does at least one. */
  readonly durationMs: number;
  /** The most that each connection does. */
  readonly operationLimit: number | undefined;
  /** Whether each operation has a connection of its own. */
  readonly newConnections: boolean;
  /** Whether bodies are held against their digests, what is refused is asked for again, and the tags of pushed images are told. */
  readonly isChecked?: boolean;
  /** Part of what is named by this load alone. */
  readonly label: string;
  readonly seed: number;
}

/** What came of a load; plain data. */
export interface LoadResult {
  readonly operations: number;
  /** Of all requests of these operations, and of those that came to nothing in the end: as they should be. */
  readonly answers: number;
  /** From the first request to the end of the last answer. */
  readonly elapsedMs: number;
  /** Of the operations that went well: see `Histogram`. */
  readonly latency: Float64Array;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** How often each thing went wrong. */
  readonly errors: Readonly<Record<string, number>>;
  /** How many of them were a 429 or 503 that said when to come again. */
  readonly refused: number;
  /** Tags of images whose push was acknowledged, where that is checked. */
  readonly pushed: readonly string[];
  /** The part of the time (0 to 1) that this generator itself was at work. */
  readonly busy: number;
}

const BACKOFF_MS = 10;
const MAX_ERRORS = 20;

/** Small, fast and the same again from the same seed: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Tally {
  readonly latency = new Histogram();
  readonly errors: Record<string, number> = {};
  readonly pushed: string[] = [];
  refused = 0;
  answers = 0;
  receivedBytes = 0;
  sentBytes = 0;
  lastMs = 0;

  fail(error: unknown): void {
    const text = error instanceof Error ? ('code' in error && String(error.code)) || error.message : String(error);
    const key = text in this.errors || Object.keys(this.errors).length < MAX_ERRORS ? text : 'other';
    this.errors[key] = (this.errors[key] ?? 0) + 1;
    if (error instanceof Refused) this.refused += 1;
  }

  leave(connection: Connection): void {
    this.receivedBytes += connection.receivedBytes;
    this.sentBytes += connection.sentBytes;
    connection.close();
  }
}

/** Does operations on one connection, or on a new one for each, until the time is over. */
async function keepBusy(site: Site, operation: Operation, load: Load, tally: Tally, first: Connection | undefined) {
  const { operationLimit = Number.POSITIVE_INFINITY } = load;
  const endMs = performance.now() + load.durationMs;
  let connection = first;
  for (let count = 0; count === 0 || (count < operationLimit && performance.now() < endMs); count += 1) {
    const startMs = performance.now();
    try {
      connection ??= await Connection.open(site.endpoint);
      await operation(connection);
      tally.latency.record(performance.now() - startMs);
      tally.lastMs = performance.now();
      if (!load.newConnections && connection.isUsable) continue;
    } catch (error) {
      tally.fail(error);
      // Whoever is told to come back later does, as good clients do; a server that is not there is asked less often.
      const waitMs = error instanceof Refused ? error.retryAfterMs : BACKOFF_MS;
      await pause(Math.max(BACKOFF_MS, Math.min(waitMs, endMs - performance.now())));
      if (error instanceof Refused && !load.newConnections && connection?.isUsable) continue;
    }
    if (connection) tally.leave(connection);
    connection = undefined;
  }
  if (connection) tally.leave(connection);
}

/** Opens the connections of a load; the function that it resolves with then runs it. */
export async function prepareLoad(load: Load): Promise<() => Promise<LoadResult>> {
  const { isChecked = false, label } = load;
  const tally = new Tally();
  let endMs = 0;
  async function askAgain(refused: Refused): Promise<boolean> {
    const leftMs = endMs - performance.now();
    if (!isChecked || leftMs <= 0) return false;
    tally.fail(refused);
    await pause(Math.min(refused.retryAfterMs, leftMs));
    return true;
  }
  const site = await openSite(load.site, {
    checksBodies: isChecked,
    onAnswered: () => void (tally.answers += 1),
    onRefused: askAgain,
  });
  const onPushed = (tag: string): void => void (isChecked && tally.pushed.push(tag));
  const operation = createOperation(load.work, { site, random: createRandom(load.seed), label, onPushed });
  const slots = Array.from({ length: load.connections });
  async function openFirst(): Promise<Connection | undefined> {
    if (load.newConnections) return undefined;
    return Connection.open(site.endpoint).catch(() => undefined); // tried again, and counted, by the first operation
  }
  const opened = await Promise.all(slots.map(openFirst));

  return async () => {
    const startMs = performance.now();
    endMs = startMs + load.durationMs;
    const before = performance.eventLoopUtilization();
    await Promise.all(opened.map((connection) => keepBusy(site, operation, load, tally, connection)));
    return {
      operations: tally.latency.total,
      answers: tally.answers,
      elapsedMs: Math.max(0, tally.lastMs - startMs),
      latency: tally.latency.counts,
      receivedBytes: tally.receivedBytes,
      sentBytes: tally.sentBytes,
      errors: tally.errors,
      refused: tally.refused,
      pushed: tally.pushed,
      busy: performance.eventLoopUtilization(before).utilization,
    };
  };
}
