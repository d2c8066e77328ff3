import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { usageOf } from '../measure/processes.ts';
import type { Peer } from '../peers/program.ts';
import { Histogram } from '../statistics/histogram.ts';
import type { Pullable } from './fill.ts';

/** How manifest GETs went in some time, and how much memory the server held at most. */
export interface Readings {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly peakBytes: number;
}

/** Reads without a collection, then the same beside one, in one life of the server. */
export interface Round {
  /** What the server holds when it has been read from, and nothing was collected yet. */
  readonly idleBytes: number;
  readonly without: Readings;
  readonly during: Readings;
  readonly collectionSeconds: number;
  /** Whether the collection came to its end in this round. */
  readonly isLast: boolean;
}

const LOOK_MS = 50;
/** Between two questions whether a collection is over. */
const ASK_MS = 250;
const WARM_MS = 2000;

interface Run {
  readonly started_at: string;
  readonly metrics: { readonly blobs_deleted: number };
}

/** Asks for manifests by digest, one after the other on each connection, until told to stop. */
async function read(
  peer: Peer,
  pullable: readonly Pullable[],
  connections: number,
  stop: AbortSignal,
): Promise<Readings> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times = new Histogram();
  let peakBytes = 0;
  async function ask({ repository, digest }: Pullable): Promise<void> {
    const startTicks = performance.now();
    await new Promise<void>((resolve, reject) => {
      const url = new URL(`/v2/${repository}/manifests/${digest}`, peer.url);
      const asked = request(url, { agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url.pathname}: ${response.statusCode}`));
        response.resume().once('end', resolve).once('error', reject);
      });
      asked.once('error', reject).end();
    });
    times.record(performance.now() - startTicks);
  }
  async function work(first: number): Promise<void> {
    for (let index = first; !stop.aborted; index += connections) {
      const manifest = pullable[index % pullable.length];
      if (manifest) await ask(manifest);
    }
  }
  async function watch(): Promise<void> {
    while (!stop.aborted) {
      peakBytes = Math.max(peakBytes, usageOf(peer.pid)?.rssBytes ?? 0);
      await pause(LOOK_MS);
    }
  }
  await Promise.all([watch(), ...Array.from({ length: connections }, (_, index) => work(index))]);
  agent.destroy();
  return {
    requests: times.total,
    p50Ms: times.quantile(0.5),
    p99Ms: times.quantile(0.99),
    longestMs: times.quantile(1),
    peakBytes,
  };
}

/** The last collection that is over, if there is one, be it that it was broken off. */
export async function lastCollection({ url }: Peer): Promise<Run | undefined> {
  const response = await fetch(new URL('/admin/gc/status', url));
  const { last_run } = (await response.json()) as { readonly last_run: Run | null };
  return last_run ?? undefined;
}

async function beginCollection({ url }: Peer): Promise<void> {
  const response = await fetch(new URL('/admin/gc?async=true', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grace: '0' }),
  });
  if (response.status !== 202) throw new Error(`POST /admin/gc: ${response.status} ${await response.text()}`);
}

/** Reads for a while, then for as long beside a collection, or until that is over. Whoever stops the server breaks it off. */
export async function measureRound(
  peer: Peer,
  pullable: readonly Pullable[],
  { seconds, connections }: { readonly seconds: number; readonly connections: number },
): Promise<Round> {
  await read(peer, pullable, connections, AbortSignal.timeout(WARM_MS));
  const idleBytes = usageOf(peer.pid)?.rssBytes ?? 0;
  const without = await read(peer, pullable, connections, AbortSignal.timeout(seconds * 1000));

  const before = await lastCollection(peer);
  const over = new AbortController();
  const startTicks = performance.now();
  await beginCollection(peer);
  const during = read(peer, pullable, connections, over.signal);
  const elapsedSeconds = (): number => (performance.now() - startTicks) / 1000;
  let isLast = false;
  while (!isLast && elapsedSeconds() < seconds) {
    await pause(ASK_MS);
    isLast = (await lastCollection(peer))?.started_at !== before?.started_at;
  }
  const collectionSeconds = elapsedSeconds();
  over.abort();
  return { idleBytes, without, during: await during, collectionSeconds, isLast };
}
