import { OciError, parseRepositoryName, parseTag } from '../../../pkg/oci/index.ts';
import type { RetentionRule } from '../../gc/retention/rules.ts';
import type { Origin } from '../../registry/index.ts';
import type { Sample, SampleImage } from '../images.ts';
import type { Disk } from './disk.ts';
import type { Database } from './postgres/sessions.ts';
import type { Promises } from './promises.ts';
import type { Replica } from './replica.ts';
import type { World } from './world.ts';

/** A client, who talks to one process, and what it may do there. */
export interface ClientDeps {
  readonly world: World;
  readonly database: Database;
  readonly disk: Disk;
  readonly habits: Habits;
  readonly promises: Promises;
  readonly replica: Replica;
}

export type Deed = (deps: ClientDeps) => Promise<void>;

/** What the clients of a history care for and do, and what befalls them. */
export interface Habits {
  readonly images: readonly SampleImage[];
  readonly blobs: readonly Sample[];
  readonly deeds: readonly Deed[];
  /** What was done before all else, and how many things are done after it. */
  readonly before: readonly Deed[];
  readonly count: number;
  /** How often a process crashes, time leaps, or somebody stands still for a while: of all steps. */
  readonly crashes: number;
  readonly leaps: number;
  readonly stalls: number;
  /** How many of the pushes are by tag. */
  readonly tags: number;
  readonly rules: readonly RetentionRule[];
  /** For how long there is a way back to what was deleted. */
  readonly historyMs: number;
  /** Whether content is brought as if it were large: it grows beside its place, and is published from there. */
  readonly isLarge: boolean;
  /** Whether storage is a bucket, and not a folder. */
  readonly isBucket: boolean;
  /** How far time leaps. */
  readonly leapsMs: readonly number[];
}

export const BY: Origin = { principal: 'client', address: '', requestId: '' };
export const REPOSITORIES = ['one', 'two'].map((name) => parseRepositoryName(name));
export const TAGS = ['v1', 'v2'].map((name) => parseTag(name));

/** What clients are told in a way that they understand: anything else is a bug of ours, and ends the simulation. */
export async function unless<Result>(
  codes: readonly string[],
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof OciError && [...codes, 'UNAVAILABLE'].includes(error.code)) return undefined;
    throw error;
  }
}
