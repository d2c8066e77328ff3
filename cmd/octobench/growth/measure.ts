import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../generator/load.ts';
import { settle } from '../measure/settle.ts';
import { usageOf } from '../measure/processes.ts';
import type { Peer } from '../peers/program.ts';
import { Histogram } from '../statistics/histogram.ts';
import { createAsker } from './asker.ts';
import type { Stage } from './layout.ts';
import { createOperations, type Operation } from './operations.ts';

/** What one operation took at one size. */
export interface Timed {
  readonly name: string;
  readonly kind: Operation['kind'];
  readonly doc: string;
  /** Milliseconds; the median of each round. */
  readonly mediansMs: readonly number[];
  /** Over all rounds. */
  readonly p99Ms: number;
}

/** Everything at one size. */
export interface SizeFigures {
  /** So many tags, manifests and blobs. */
  readonly size: number;
  readonly operations: readonly Timed[];
  /** From the start of the server until it first answered, each time. */
  readonly startsMs: readonly number[];
  /** Resident, at rest after each start. */
  readonly idleBytes: readonly number[];
  /** Resident at the end of the last round. */
  readonly afterBytes: number | undefined;
  readonly fillSeconds: number;
}

export interface MeasureOptions {
  /** Starts our server on the store. */
  readonly start: () => Promise<Peer>;
  readonly stages: readonly Stage[];
  readonly rounds: number;
  /** Of each operation in each round; a third of it of those that write. */
  readonly requests: number;
  readonly starts: number;
  readonly settleMs: number;
  readonly onStep: (text: string) => void;
}

const IDLE_MS = 1000;

/** Runs all operations one after the other, round by round, so that what else loads the machine meets all of them. */
async function runRounds(
  peer: Peer,
  { stages, rounds, requests, onStep }: MeasureOptions,
  tell: (text: string) => string,
): Promise<readonly Timed[]> {
  const asker = createAsker(peer.url);
  const label = Date.now().toString(36);
  const operations = createOperations({ asker, stages, random: createRandom(requests), label });
  const all = operations.map(() => new Histogram());
  const medians = operations.map((): number[] => []);

  async function time({ kind, prepare, run }: Operation): Promise<Histogram> {
    const times = new Histogram();
    for (let left = kind === 'read' ? requests : Math.ceil(requests / 3); left > 0; left -= 1) {
      await prepare?.();
      const startTicks = performance.now();
      await run();
      times.record(performance.now() - startTicks);
    }
    return times;
  }

  // The first round is not counted: code gets compiled, caches fill.
  for (let round = 0; round <= rounds; round += 1) {
    onStep(tell(round === 0 ? 'warming up' : `round ${round} of ${rounds}`));
    for (const [index, operation] of operations.entries()) {
      const times = await time(operation);
      if (round === 0) continue;
      all[index]?.add(times);
      medians[index]?.push(times.quantile(0.5));
    }
  }
  asker.close();
  return operations.map(({ name, kind, doc }, index) => ({
    name,
    kind,
    doc,
    mediansMs: medians[index] ?? [],
    p99Ms: all[index]?.quantile(0.99) ?? 0,
  }));
}

/** Measures a store that was filled: starts first, then requests in the last life of the server. */
export async function measureSize(options: MeasureOptions): Promise<Omit<SizeFigures, 'fillSeconds'>> {
  const { start, stages, starts, settleMs, onStep } = options;
  const size = stages.at(-1)?.to ?? 0;
  const tell = (text: string): string => `measuring ${size.toLocaleString('en')}: ${text}`;
  onStep(tell('waiting for the disk'));
  await settle([], settleMs);
  const [startsMs, idleBytes]: [number[], number[]] = [[], []];
  for (;;) {
    onStep(tell(`start ${startsMs.length + 1} of ${starts}`));
    const peer = await start();
    try {
      startsMs.push(peer.startMs);
      await pause(IDLE_MS);
      await settle([peer.pid], settleMs);
      idleBytes.push(usageOf(peer.pid)?.rssBytes ?? Number.NaN);
      if (startsMs.length < starts) continue;
      const operations = await runRounds(peer, options, tell);
      return { size, operations, startsMs, idleBytes, afterBytes: usageOf(peer.pid)?.rssBytes };
    } finally {
      await peer.close();
    }
  }
}
