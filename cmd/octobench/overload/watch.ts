import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { usageOf } from '../measure/processes.ts';
import type { Peer } from '../peers/program.ts';

/** What was seen of a server while it was busy. */
export interface Watched {
  /** The slowest answer to a probe on a connection of its own. */
  readonly aliveMs: number;
  /** The same of the probe that looks at the stores. */
  readonly readyMs: number;
  /** The same of the first, each time on a new connection, which the kernel has wait behind all others that are new. */
  readonly newMs: number;
  readonly probes: number;
  /** Probes that were not answered with 200. */
  readonly failedProbes: number;
  /** Resident memory at its highest. */
  readonly peakBytes: number;
}

const PROBE_MS = 250;
const MEMORY_MS = 100;
const PATIENCE_MS = 30_000;

/** How long an answer took; undefined where it was not 200. */
function probe(url: URL, agent: Agent | false): Promise<{ ms: number; isGood: boolean }> {
  const startTicks = performance.now();
  return new Promise((resolve) => {
    const end = (isGood: boolean): void => resolve({ ms: performance.now() - startTicks, isGood });
    request(url, { agent, timeout: PATIENCE_MS }, (response) => {
      response.resume().once('end', () => end(response.statusCode === 200));
    })
      .once('timeout', () => end(false))
      .once('error', () => end(false))
      .end();
  });
}

/** Asks how a server is and looks at its memory, until told to stop. The process that does so has nothing else to do. */
export async function watchServer<T>(server: Peer, work: () => Promise<T>): Promise<{ done: T; watched: Watched }> {
  const over = new AbortController();
  const agents = [
    new Agent({ keepAlive: true, maxSockets: 1 }),
    new Agent({ keepAlive: true, maxSockets: 1 }),
  ] as const;
  let [probes, failedProbes, peakBytes] = [0, 0, usageOf(server.pid)?.rssBytes ?? 0];

  /** Asks again after a while, or at once where the answer took longer; resolves with the longest time. */
  async function ask(path: string, through: Agent | false): Promise<number> {
    let longestMs = 0;
    while (!over.signal.aborted) {
      const { ms, isGood } = await probe(new URL(path, server.url), through);
      longestMs = Math.max(longestMs, ms);
      probes += 1;
      if (!isGood) failedProbes += 1;
      await pause(Math.max(0, PROBE_MS - ms), undefined, { signal: over.signal }).catch(() => undefined);
    }
    return longestMs;
  }

  async function watchMemory(): Promise<void> {
    while (!over.signal.aborted) {
      peakBytes = Math.max(peakBytes, usageOf(server.pid)?.rssBytes ?? 0);
      await pause(MEMORY_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  }

  const watching = Promise.all([
    ask('/healthz', agents[0]),
    ask('/readyz', agents[1]),
    ask('/healthz', false),
    watchMemory(),
  ]);
  const done = await work().finally(() => over.abort());
  const [aliveMs, readyMs, newMs] = await watching;
  for (const agent of agents) agent.destroy();
  return { done, watched: { aliveMs, readyMs, newMs, probes, failedProbes, peakBytes } };
}
