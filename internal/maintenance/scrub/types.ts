import type { Digest } from '../../../pkg/oci/index.ts';
import type { DamageKind, HurtName } from '../../catalog/index.ts';
import type { Content } from '../../storage/index.ts';
import type { KnownContent } from '../damage.ts';

/** What a pass has looked at, and what came of it. */
export interface ScrubTally {
  readonly blobs: number;
  readonly bytes: number;
  /** Contents that were not as they were pushed, or could not be read, mended ones too. */
  readonly damaged: number;
  readonly mended: number;
}

export const NOTHING_SCRUBBED: ScrubTally = { blobs: 0, bytes: 0, damaged: 0, mended: 0 };

/** `unreadable`: storage answers, but not for this content. It may be as it was pushed, and is not quarantined. */
export type FoundProblem = DamageKind | 'unreadable';

/** Content that is not as it was pushed, and what became of it. */
export interface Finding {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly problem: FoundProblem;
  readonly detail?: string | undefined;
  /** Whether it was quarantined before, and only looked at again. */
  readonly isKnown: boolean;
  /** What it was brought back from; `storage` where it was found to be there as it was pushed. */
  readonly mendedFrom?: string | undefined;
  /** Why it could not be brought back, a line for each source that was asked. */
  readonly failures: readonly string[];
  /** What cannot be pulled whole without it, as far as that is listed. */
  readonly hurt: readonly HurtName[];
}

/** Where content can be had again. */
export interface RepairSource {
  /** For people: `backup`, `peer`. */
  readonly name: string;
  /** The content, whatever its bytes are; undefined where it is not there. To be closed. */
  open(content: KnownContent, holders: readonly Holder[], signal: AbortSignal): Promise<Content | undefined>;
  close(): Promise<void>;
}

/** A repository where content may be asked for. */
export interface Holder {
  readonly repository: string;
  /** Whether it is a manifest there: then it is asked for as one. */
  readonly isManifest: boolean;
}
