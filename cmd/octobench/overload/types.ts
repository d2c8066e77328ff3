import type { Pool } from '../generator/pool.ts';
import type { Peer } from '../peers/program.ts';

/** The kinds of too much. */
export const PHASES = ['crowd', 'readers', 'writers', 'streams', 'storm'] as const;
export type PhaseName = (typeof PHASES)[number];

/** What a figure counts. */
export type Unit = 'count' | 'ms' | 'bytes' | 'rate' | 'part';

/** What a phase found out. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  /** What it has to be; undefined: only told. */
  readonly bound?: Readonly<{ kind: 'most' | 'least'; value: number }>;
}

/** One kind of too much, and how the server bore it. */
export interface PhaseReport {
  readonly name: string;
  readonly doc: string;
  readonly figures: readonly Figure[];
  /** How often each thing went wrong, refusals included. */
  readonly errors: Readonly<Record<string, number>>;
}

/** What all phases share. */
export interface PhaseDeps {
  readonly server: Peer;
  readonly pool: Pool;
  /** How many processes make load. */
  readonly processes: number;
  /** Of each measurement. */
  readonly durationMs: number;
  /** How long the machine is given to come to rest between them. */
  readonly settleMs: number;
  /** Part of the names of what this run writes. */
  readonly run: string;
  readonly onStep: (text: string) => void;
}

/** How much there is of everything. */
export interface Sizes {
  /** In the largest crowd. */
  readonly clients: number;
  readonly slowClients: number;
  readonly streams: number;
  readonly pushers: number;
  /** Of the blob that slow clients read. */
  readonly largeBytes: number;
  /** Of the blob that goes out in many streams. */
  readonly streamBytes: number;
}
