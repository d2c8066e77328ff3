import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { By, Origin, PageOf } from './asking.ts';
import type { ChangeAction, ChangeDetail, ChangeResult, EventAction } from './change-actions.ts';

/** What an entry of the log tells. */
export interface LogEntry {
  readonly timeMs: number;
  readonly action: ChangeAction;
  /** There in any change of content; undefined where the entry is about no repository. */
  readonly repository: RepositoryName | undefined;
  /** What it was done to: a tag, a digest (`manifest.*`, `blob.*`), a user, key, role or binding, a route. */
  readonly name: string;
  /** What a tag pointed at, and points at now. */
  readonly from: Digest | undefined;
  readonly to: Digest | undefined;
  readonly result: ChangeResult;
  /** JSON of a ChangeDetail, as it is stored and hashed. */
  readonly detail: string | undefined;
  readonly by: Origin;
}

/** One sealed entry of the log. `sequence` is dense: no number is ever missing or given twice. */
export interface ChangeRow extends LogEntry {
  readonly sequence: number;
  /** Of this entry alone, as it was when it was sealed (log-hash.ts); undefined where none was made then. */
  readonly hash: string | undefined;
}

/** A sealed batch of the log: entries `first` to `last`, hashed onto the batch before. */
export interface SealRow {
  readonly first: number;
  readonly last: number;
  readonly hash: string;
}

/** What an entry must be to be listed; what is not given does not matter. */
export interface AuditFilter {
  readonly principal?: string | undefined;
  readonly action?: ChangeAction | undefined;
  readonly repository?: RepositoryName | undefined;
  readonly result?: ChangeResult | undefined;
  readonly sinceMs?: number | undefined;
  /** The first moment that is too late. */
  readonly untilMs?: number | undefined;
}

/** Where an entry stands among all, by time: sealed or not. */
export interface AuditKey {
  readonly timeMs: number;
  readonly id: number;
}

export interface AuditRow extends LogEntry, AuditKey {
  /** Undefined while it is not sealed. */
  readonly sequence: number | undefined;
}

/** A page of entries, newest first. */
export interface AuditPage {
  readonly rows: readonly AuditRow[];
  /** Where the next page goes on; undefined where there is no more. A page that found little may be short, even empty. */
  readonly next: AuditKey | undefined;
}

/** An entry that is not about content, as its writer gives it; who and when come beside it. */
export interface LogEvent {
  readonly action: EventAction;
  readonly name: string;
  readonly repository?: RepositoryName | undefined;
  /** `done` where it is not given. */
  readonly result?: ChangeResult | undefined;
  readonly detail?: ChangeDetail | undefined;
}

/** A tag's history is a query over the log; a row not sealed yet has no sequence. */
export interface TagMove {
  /** Orders the moves of a tag, also those of one millisecond. */
  readonly id: number;
  readonly timeMs: number;
  readonly from: Digest | undefined;
  readonly to: Digest | undefined;
  readonly by: Origin;
}

export interface LogQueries {
  /** The tag's moves, newest first; `after` is the `id` that the last page ended with. */
  listTagMoves(repository: RepositoryName, tag: Tag, page: PageOf<number>): Promise<readonly TagMove[]>;
  /** Sealed changes after a sequence number, in order. */
  listChanges(page: PageOf<number>): Promise<readonly ChangeRow[]>;
  /** Seals whose last entry comes after a sequence number, in order. */
  listSeals(page: PageOf<number>): Promise<readonly SealRow[]>;
  /** How many committed entries are not sealed. */
  countUnsealed(): Promise<number>;
  /** Entries that the filter lets through, newest first; costs what a few pages hold, however rare they are. */
  listAudit(filter: AuditFilter, page: PageOf<AuditKey>): Promise<AuditPage>;
  /** How far a follower of the log has come; 0 where it never moved. */
  findCursor(name: string): Promise<number>;
}

export interface LogCommands {
  /** Adds entries to the log that no change goes with: sign-ins, and what was refused. */
  recordEvents: { args: { readonly events: readonly (By & LogEvent)[] }; result: void };
  /** Gives the next `limit` committed rows of the log dense numbers, hashed onto the batch before. How many it sealed. */
  sealChanges: {
    args: { readonly nowMs: number; readonly limit: number };
    result: { readonly sealed: number; readonly last: number };
  };
  /** Moves a follower's cursor forward; never back. */
  moveCursor: { args: { readonly name: string; readonly sequence: number }; result: void };
}
