import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { RecordRun, RunRow } from './run-types.ts';
import type { DamageKind } from './scrub-types.ts';
import type { By } from './asking.ts';

/** What an upload has to know before it brings content to its place. */
export interface DeletionState {
  /** To be handed to the command that follows, which refuses where a deletion was begun since. */
  readonly seen: number;
  /** Since when the blob is being deleted: until that has ended nothing is to be brought to its place. */
  readonly deletingMs: number | undefined;
  /** Whether any repository has it. Of other content that is there nobody need know that it is as it was pushed. */
  readonly isUsed: boolean;
  /** There where the content is quarantined: then what is there has to be replaced. */
  readonly damage?: DamageKind;
}

/** A blob of a repository, to someone who may rely on it from now on. */
export interface HeldBlob {
  readonly sizeBytes: number;
  /** Where no manifest references the blob: until when it is kept for this repository, 0 where that is over. */
  readonly leasedUntilMs: number | undefined;
  /** There where the content is quarantined: then nobody is given it. */
  readonly damage?: DamageKind;
}

/** A blob that may be garbage. */
export interface Candidate {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** When it was uploaded, or lost a reference for the last time. */
  readonly sinceMs: number;
  /** Whose upload or delete that was. */
  readonly repository: RepositoryName | undefined;
  readonly isReferenced: boolean;
  /** Until when somebody may rely on it; 0 where nobody does. */
  readonly leasedUntilMs: number;
}

/** Oldest first. */
export interface CandidatePage {
  readonly after: Pick<Candidate, 'sinceMs' | 'digest'> | undefined;
  /** Only those that have been candidates since then or longer. */
  readonly untilMs: number;
  readonly limit: number;
}

/** Content that is being deleted by who asked. */
export interface Deletion {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What there is to say of why a blob is kept. */
export interface BlobUse {
  readonly sizeBytes: number;
  readonly createdMs: number;
  readonly deletingMs: number | undefined;
  readonly candidateMs: number | undefined;
  readonly leases: readonly { readonly repository: RepositoryName; readonly untilMs: number }[];
  /** Manifests that reference it, not more than were asked for, each with a tag that points at it where there is one. */
  readonly references: readonly {
    readonly repository: RepositoryName;
    readonly manifest: Digest;
    readonly tag: Tag | undefined;
  }[];
}

export interface GcQueries {
  /** To be asked before content is brought to its place. */
  findDeletion(digest: Digest): Promise<DeletionState>;
  /** As `findBlob`, for those who are told that they need not upload it. */
  findHeldBlob(repository: RepositoryName, digest: Digest): Promise<HeldBlob | undefined>;
  listCandidates(page: CandidatePage): Promise<readonly Candidate[]>;
  /** Undefined where the catalog has no such content. */
  findBlobUse(digest: Digest, mostReferences: number): Promise<BlobUse | undefined>;
  /** The last runs, newest first. */
  listGcRuns(limit: number): Promise<readonly RunRow[]>;
}

/** Times are milliseconds since 1970. `deletion` is a text that no other caller makes: it says whose the deletion is. */
export interface GcCommands {
  /** Keeps a blob for who was told that the repository holds it. False where it does so no more. */
  extendLease: {
    args: {
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly nowMs: number;
      readonly untilMs: number;
    };
    result: boolean;
  };
  /**
   * Begins to delete those of the candidates that nothing references, no lease keeps, and that have been candidates
   * since `beforeMs` or longer; others, and those in use just now, are passed over. Their memberships end.
   */
  beginDeletions: {
    args: By & {
      readonly deletion: string;
      readonly digests: readonly Digest[];
      readonly beforeMs: number;
    };
    result: readonly Deletion[];
  };
  /** Makes up to `limit` deletions that were begun before `beforeMs` the caller's: who began them did not end them. */
  takeOverDeletions: {
    args: {
      readonly deletion: string;
      readonly beforeMs: number;
      readonly nowMs: number;
      readonly limit: number;
    };
    result: readonly Deletion[];
  };
  /** Forgets content that was removed, as far as its deletion is still the caller's. How many that were. */
  endDeletions: {
    args: { readonly deletion: string; readonly digests: readonly Digest[] };
    result: number;
  };
  /** Ends a deletion that was begun before `beforeMs` and given up, whatever became of the content. */
  dropDeletion: {
    args: { readonly digest: Digest; readonly beforeMs: number };
    result: boolean;
  };
  /** Strikes those out that are referenced and not leased. How many that were. */
  dismissCandidates: {
    args: { readonly digests: readonly Digest[]; readonly nowMs: number };
    result: number;
  };
  /** Makes content that no row knows a blob that nothing references, so that it is collected like others. */
  adoptOrphans: {
    args: { readonly orphans: readonly Deletion[]; readonly nowMs: number };
    result: number;
  };
  recordGcRun: RecordRun;
}
