import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../generator/load.ts';
import { settle } from '../measure/settle.ts';
import { usageOf } from '../measure/processes.ts';
import type { Peer } from '../peers/program.ts';
import { Histogram } from '../statistics/histogram.ts';
import { createAsker } from './asker.ts';
import type { Stage } from './layout.ts';
import { createOperations, type Operation } from './operations.ts';

/** A store that was filled. */
export interface Store {
  readonly stages: readonly Stage[];
  /** Starts our server on it. */
  readonly start: () => Promise<Peer>;
}

/** The smallest store and the one that grew: whatever one does, the other does beside it. */
export interface Pair<T> {
  readonly small: T;
  readonly large: T;
}

/** What something came to, round by round, each beside the same of the other store. */
export interface Figure {
  readonly rounds: readonly number[];
  /** Of single requests, over all rounds; undefined of what is not made of requests. */
  readonly p99: number | undefined;
}

/** One line of the table at one size. */
export interface Measured extends Pair<Figure> {
  readonly name: string;
  readonly doc: string;
  readonly unit: 'ms' | 'MB';
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Of each read in each round; a third of it of those that write. */
  readonly requests: number;
  readonly starts: number;
  readonly settleMs: number;
  /** Told what is being done. */
  readonly onStep: (text: string) => void;
}

const SIDES = ['small', 'large'] as const;
/** After a start, before its memory is looked at. */
const IDLE_MS = 1000;

const both = async <T>(make: (side: (typeof SIDES)[number]) => Promise<T>): Promise<Pair<T>> => ({
  small: await make('small'),
  large: await make('large'),
});

/** Times an operation on both, request by request in turn, so that what else the machine does meets both alike. */
async function timeBoth(operations: Pair<Operation>, requests: number): Promise<Pair<Histogram>> {
  const times = { small: new Histogram(), large: new Histogram() };
  const count = operations.small.kind === 'read' ? requests : Math.ceil(requests / 3);
  for (let done = 0; done < count; done += 1) {
    for (const side of done % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const operation = operations[side];
      await operation.prepare?.();
      const startTicks = performance.now();
      await operation.run();
      times[side].record(performance.now() - startTicks);
    }
  }
  return times;
}

async function measureRequests(
  stores: Pair<Store>,
  peers: Pair<Peer>,
  { rounds, requests, onStep }: MeasureOptions,
): Promise<readonly Measured[]> {
  const askers = { small: createAsker(peers.small.url), large: createAsker(peers.large.url) };
  const label = Date.now().toString(36);
  const [small, large] = SIDES.map((side) =>
    createOperations({ asker: askers[side], stages: stores[side].stages, random: createRandom(rounds), label }),
  );
  const pairs = (small ?? []).map((operation, index) => ({ small: operation, large: large?.[index] ?? operation }));
  const results = pairs.map((operations) => ({
    operations,
    all: { small: new Histogram(), large: new Histogram() },
    medians: { small: [] as number[], large: [] as number[] },
  }));

  // The first round is not counted: code gets compiled, caches fill.
  for (let round = 0; round <= rounds; round += 1) {
    onStep(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const { operations, all, medians } of results) {
      const times = await timeBoth(operations, requests);
      if (round === 0) continue;
      for (const side of SIDES) {
        all[side].add(times[side]);
        medians[side].push(times[side].quantile(0.5));
      }
    }
  }
  for (const side of SIDES) askers[side].close();
  return results.map(({ operations: { small: operation }, all, medians }) => {
    const figure = (side: (typeof SIDES)[number]): Figure => ({ rounds: medians[side], p99: all[side].quantile(0.99) });
    const { name, doc } = operation;
    return { name, doc, unit: 'ms', small: figure('small'), large: figure('large') };
  });
}

async function measureStarts(
  stores: Pair<Store>,
  { starts, settleMs, onStep }: MeasureOptions,
): Promise<readonly Measured[]> {
  const startsMs = { small: [] as number[], large: [] as number[] };
  const idle = { small: [] as number[], large: [] as number[] };
  for (let count = 1; count <= starts; count += 1) {
    onStep(`start ${count} of ${starts}`);
    for (const side of SIDES) {
      const peer = await stores[side].start();
      startsMs[side].push(peer.startMs);
      await pause(IDLE_MS);
      await settle([peer.pid], settleMs);
      idle[side].push((usageOf(peer.pid)?.rssBytes ?? Number.NaN) / 1e6);
      await peer.close();
    }
  }
  const figures = (of: Pair<readonly number[]>): Pair<Figure> => ({
    small: { rounds: of.small, p99: undefined },
    large: { rounds: of.large, p99: undefined },
  });
  return [
    { name: 'start', doc: 'until the first answer', unit: 'ms', ...figures(startsMs) },
    { name: 'memory, idle', doc: 'resident, a moment after a start', unit: 'MB', ...figures(idle) },
  ];
}

/** Measures the store that grew beside the smallest one: requests, and starts of the server. */
export async function measureGrown(stores: Pair<Store>, options: MeasureOptions): Promise<readonly Measured[]> {
  options.onStep('waiting for the disk');
  await settle([], options.settleMs);
  const starts = await measureStarts(stores, options);
  const peers = await both((side) => stores[side].start());
  try {
    return [...(await measureRequests(stores, peers, options)), ...starts];
  } finally {
    await both((side) => peers[side].close());
  }
}
