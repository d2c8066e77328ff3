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

export interface CollectionFigures {
  readonly idleBytes: number;
  readonly without: Readings;
  readonly during: Readings;
  readonly collectionSeconds: number;
  readonly deletedBlobs: number;
}

const LOOK_MS = 50;

interface Run {
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly metrics: { readonly blobs_deleted: number; readonly run_duration_seconds: number };
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

async function lastRun(peer: Peer): Promise<Run | null> {
  const response = await fetch(new URL('/admin/gc/status', peer.url));
  return ((await response.json()) as { readonly last_run: Run | null }).last_run;
}

/** Reads for a while, then again while all that is garbage is collected. */
export async function measureCollection(
  peer: Peer,
  pullable: readonly Pullable[],
  { seconds, connections }: { readonly seconds: number; readonly connections: number },
): Promise<CollectionFigures> {
  const warm = AbortSignal.timeout(2000);
  await read(peer, pullable, connections, warm);
  const idleBytes = usageOf(peer.pid)?.rssBytes ?? 0;
  const without = await read(peer, pullable, connections, AbortSignal.timeout(seconds * 1000));

  const over = new AbortController();
  const during = read(peer, pullable, connections, over.signal);
  const started = await fetch(new URL('/admin/gc?async=true', peer.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grace: '0' }),
  });
  if (started.status !== 202) throw new Error(`POST /admin/gc: ${started.status} ${await started.text()}`);
  let run: Run | null = null;
  while (!run?.finished_at) {
    await pause(LOOK_MS);
    run = await lastRun(peer);
  }
  over.abort();
  return {
    idleBytes,
    without,
    during: await during,
    collectionSeconds: run.metrics.run_duration_seconds,
    deletedBlobs: run.metrics.blobs_deleted,
  };
}
