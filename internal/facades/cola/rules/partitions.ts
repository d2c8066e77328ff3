import type { Partitions } from '../store.ts';

/** Everybody: a client counts its own partition from 0 to 9. */
export const EVERYBODY: Partitions = { startPartition: 0, endPartition: 9 };

/** Whether somebody is in both. A range that starts beyond its end is nobody's. */
export function overlaps(a: Partitions, b: Partitions): boolean {
  if (isNobody(a) || isNobody(b)) return false;
  return a.startPartition <= b.endPartition && b.startPartition <= a.endPartition;
}

export const includes = ({ startPartition, endPartition }: Partitions, partition: number): boolean =>
  startPartition <= partition && partition <= endPartition;

export const isForEverybody = ({ startPartition, endPartition }: Partitions): boolean =>
  startPartition === EVERYBODY.startPartition && endPartition >= EVERYBODY.endPartition;

const isNobody = ({ startPartition, endPartition }: Partitions): boolean => startPartition > endPartition;

/** The other version that is for some of the same partitions; undefined where there is none. */
export const findOverlap = <T extends Partitions>(one: Partitions, others: readonly T[]): T | undefined =>
  others.find((other) => overlaps(one, other));
