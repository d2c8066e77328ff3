import { ratioOf } from '../statistics/spread.ts';
import type { Readings } from './measure.ts';
import type { Figures } from './rounds.ts';

const MIB = 1024 * 1024;
const ms = (value: number): string => `${value.toFixed(2)} ms`;
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;

/** A table of all rounds, and what they come to. */
export function rowsOf({ rounds, deletedBlobs }: Figures): readonly (readonly string[])[] {
  const line = (round: string, what: string, readings: Readings): readonly string[] => [
    round,
    what,
    String(readings.requests),
    ms(readings.p50Ms),
    ms(readings.p99Ms),
    ms(readings.longestMs),
    mib(readings.peakBytes),
  ];
  const ratio = (of: (readings: Readings) => number): string => {
    const during = rounds.map((round) => of(round.during));
    const without = rounds.map((round) => of(round.without));
    const { low, middle, high } = ratioOf(during, without);
    return `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  };
  const seconds = rounds.reduce((sum, { collectionSeconds }) => sum + collectionSeconds, 0);
  const most = Math.max(...rounds.map(({ idleBytes, during }) => during.peakBytes - idleBytes));
  const sum = (name: string, value: string): readonly string[] => [name, value, '', '', '', '', ''];
  return [
    ['round', '', 'GETs', 'p50', 'p99', 'longest', 'memory at most'],
    ...rounds.flatMap(({ without, during }, index) => [
      line(String(index + 1), 'without', without),
      line('', 'during', during),
    ]),
    sum('during / without', `p50 ${ratio(({ p50Ms }) => p50Ms)}, p99 ${ratio(({ p99Ms }) => p99Ms)}`),
    sum('memory above idle', mib(most)),
    sum('collected', `${deletedBlobs} blobs in ${seconds.toFixed(1)} s`),
  ];
}
