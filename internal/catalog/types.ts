import type { Algorithm, Digest, RepositoryName, Tag, UploadId } from '../../pkg/oci/index.ts';
import type { ArtifactCommands, ArtifactQueries, Description } from './artifact-types.ts';
import type { AuthCommands } from './auth-commands.ts';
import type { AuthQueries } from './auth-queries.ts';
import type { ChangeAction, ChangeDetail, ChangeResult, EventAction } from './change-actions.ts';
import type { DumpKind, DumpRow, DumpRowOf } from './dump-rows.ts';
import type { GcCommands, GcQueries } from './gc-types.ts';
import type { LimitCommands } from './limit-types.ts';
import type { DamageKind, ScrubCommands, ScrubQueries } from './scrub-types.ts';
import type { Quota, SpaceCommands, SpaceQueries } from './space-types.ts';

export * from './artifact-types.ts';
export * from './auth-rows.ts';
export type { ProfileRow, SessionRow, WorkloadRuleRow } from './sign-in-types.ts';
export * from './change-actions.ts';
export * from './gc-types.ts';
export type { RunRow } from './run-types.ts';
export * from './space-types.ts';
export * from './limit-types.ts';
export * from './scrub-types.ts';

/** Who asked for a change and through which request: goes into the log of changes with it. */
export interface Origin {
  /** The principal's name; `anonymous` where nobody signed in. */
  readonly principal: string;
  /** The client's address. */
  readonly address: string;
  readonly requestId: string;
}

/** What every command is told besides its own arguments. */
export interface By {
  readonly by: Origin;
  /** Milliseconds since 1970, from the caller's clock. */
  readonly nowMs: number;
}

// ---- rows that queries answer with

export interface ManifestRow {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly pushedMs: number;
  /** There where the content is quarantined: then nobody is given it. */
  readonly damage?: DamageKind;
}

/** A blob that a repository holds. */
export interface BlobRow {
  readonly sizeBytes: number;
  /** As in `ManifestRow`. */
  readonly damage?: DamageKind;
}

export interface ReferrerRow {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What whoever pushes may do with tags: make new ones, and point those that exist at something else. */
export interface TagGrant {
  readonly create: boolean;
  readonly update: boolean;
}

/** What a change of tags must mind; pkg/oci/tag-rule.ts says which tags are a pattern's. */
export interface TagGuards {
  /** Once these are made they are not moved. */
  readonly fixed: readonly string[];
  /** These are not deleted. */
  readonly kept: readonly string[];
  /** What they point at is not read as another media type; those that are fixed where it is not given. */
  readonly typed?: readonly string[] | undefined;
  /** Rules leave these alone; who asks for it may delete them. */
  readonly spared?: readonly string[] | undefined;
  /** The generation that goes up with every change, but for changes of some tags. */
  readonly raises?: { readonly key: string; readonly without: readonly Tag[] } | undefined;
}

export interface UploadRow {
  readonly id: UploadId;
  readonly repository: RepositoryName;
  readonly principal: string;
  readonly algorithm: Algorithm;
  readonly offsetBytes: number;
  readonly digest: Digest | undefined;
  readonly state: string | undefined;
}

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

/** A manifest with all that it names. */
export type ManifestFacts = DumpRowOf<'manifest'> & {
  /** Of its blobs those that the repository does not hold: they are kept, but nobody reads them there. */
  readonly unheld: readonly Digest[];
};

export interface CatalogTotals {
  readonly repositories: number;
  readonly tags: number;
  readonly blobBytes: number;
  readonly uploads: number;
  /** Contents that are quarantined. */
  readonly quarantined: number;
}

/** Pages by key: at most `limit` rows that come after `after` in byte order. */
export interface PageOf<Key> {
  readonly after?: Key | undefined;
  readonly limit: number;
}

// ---- queries: read what is committed, on the caller's own connection

export interface Queries extends ArtifactQueries, AuthQueries, GcQueries, SpaceQueries, ScrubQueries {
  /** Whether anything was ever put into the repository. */
  hasRepository(repository: RepositoryName): Promise<boolean>;
  findManifest(repository: RepositoryName, digest: Digest): Promise<ManifestRow | undefined>;
  findTag(repository: RepositoryName, tag: Tag): Promise<ManifestRow | undefined>;
  /** The blob's size where the repository holds it (a completed upload or a mount), else undefined. */
  findBlob(repository: RepositoryName, digest: Digest): Promise<BlobRow | undefined>;
  /** Repositories that hold the blob, for a mount without `from`: the oldest first, pages continue after a name. */
  listHolders(digest: Digest, page: PageOf<string>): Promise<readonly RepositoryName[]>;
  listTags(repository: RepositoryName, page: PageOf<string>): Promise<readonly Tag[]>;
  /** Repositories that have a manifest; with a prefix those whose names begin so. */
  listRepositories(page: PageOf<string> & { readonly prefix?: string }): Promise<readonly RepositoryName[]>;
  /**
   * Manifests of the repository whose subject is `subject`, by digest; each once. At most `limit`, and no more than
   * have 4 MiB of annotations together (one in any case): fewer rows do not mean that these are the last.
   */
  listReferrers(
    repository: RepositoryName,
    subject: Digest,
    page: PageOf<string> & { readonly artifactType?: string | undefined },
  ): Promise<readonly ReferrerRow[]>;
  findUpload(id: UploadId): Promise<UploadRow | undefined>;
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
  /** Who fills this catalog from elsewhere and has not come to an end: until then it is not to be served. */
  findRestore(): Promise<string | undefined>;
  /** Content that the catalog knows, whoever holds it, by digest; with `sinceMs` what came since then. */
  listBlobs(
    page: PageOf<string> & { readonly sinceMs?: number | undefined },
  ): Promise<readonly { readonly digest: Digest; readonly sizeBytes: number }[]>;
  findContent(digest: Digest): Promise<{ readonly sizeBytes: number } | undefined>;
  /** Manifests of the repository, by digest. */
  listManifests(repository: RepositoryName, page: PageOf<string>): Promise<readonly ManifestFacts[]>;
  /** Counts of everything. Reads whole tables: for metrics, at most once a minute, off the request path. */
  totals(): Promise<CatalogTotals>;
}

// ---- commands: one decision, one transaction. Arguments are plain data, conditions included.

export interface Commands
  extends ArtifactCommands, AuthCommands, GcCommands, LimitCommands, SpaceCommands, ScrubCommands {
  createUpload: {
    args: By & {
      readonly id: UploadId;
      readonly repository: RepositoryName;
      readonly algorithm: Algorithm;
      /** At most so many open sessions of one principal; and in all. */
      readonly limitEach: number;
      readonly limitAll: number;
    };
    result: Readonly<{ kind: 'created' }> | Readonly<{ kind: 'tooMany' }>;
  };
  /** Takes the session for one request. `offsetBytes`: where the client says that its bytes start, if it does. */
  claimUpload: {
    args: By & {
      readonly id: UploadId;
      readonly repository: RepositoryName;
      readonly offsetBytes?: number | undefined;
      /** Until when the claim holds without a sign of life, milliseconds since 1970. */
      readonly untilMs: number;
    };
    result:
      | Readonly<{
          kind: 'claimed';
          epoch: number;
          upload: UploadRow;
          /** Whether the claim before was never ended, and its holder may still be writing. */
          lapsed: boolean;
        }>
      /** Another request holds it, or the bytes start elsewhere: the durable offset. */
      | Readonly<{ kind: 'refused'; upload: UploadRow }>
      /** No such session in this repository, or another principal's. */
      | Readonly<{ kind: 'unknown' }>;
  };
  /** A sign of life of a claim. False where the claim was lost. */
  renewUpload: {
    args: { readonly id: UploadId; readonly epoch: number; readonly untilMs: number };
    result: boolean;
  };
  /** Ends a claim with the position that was reached. False where the claim was lost, and nothing changed. */
  advanceUpload: {
    args: {
      readonly id: UploadId;
      readonly epoch: number;
      readonly nowMs: number;
      readonly offsetBytes: number;
      readonly digest: Digest | undefined;
      readonly state: string | undefined;
    };
    result: boolean;
  };
  /** Makes the published content the repository's, and ends the session if there was one. */
  finishUpload: {
    args: By & {
      readonly session?: { readonly id: UploadId; readonly epoch: number } | undefined;
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly sizeBytes: number;
      /** What `findDeletion` said before the content was published; without it the caller vouches for the content. */
      readonly seen?: number | undefined;
      /** Whether what was there before was replaced, whatever became of it: that mends what is quarantined. */
      readonly replaced?: boolean | undefined;
      /** Until when the blob is kept for the repository, referenced or not. */
      readonly leaseMs?: number | undefined;
    };
    /**
     * `again`: the content may have been removed since it was published, or what was there is quarantined and was not
     * replaced; to be published and told again. `lost`: the
     * session is not this claim's any more (cancelled, expired, taken over). Nothing changed in either case.
     */
    result: Readonly<{ kind: 'finished' }> | Readonly<{ kind: 'again' }> | Readonly<{ kind: 'lost' }>;
  };
  /** Ends a session, whoever holds its claim. */
  cancelUpload: {
    args: By & { readonly id: UploadId; readonly repository: RepositoryName };
    result: Readonly<{ kind: 'cancelled'; state: string | undefined }> | Readonly<{ kind: 'unknown' }>;
  };
  /** Ends up to `limit` sessions whose last byte came before `beforeMs`. */
  expireUploads: {
    args: { readonly beforeMs: number; readonly nowMs: number; readonly limit: number };
    result: readonly { readonly id: UploadId; readonly state: string | undefined }[];
  };
  mountBlob: {
    args: By & {
      readonly repository: RepositoryName;
      readonly from: RepositoryName;
      readonly digest: Digest;
      /** As in `finishUpload`. */
      readonly leaseMs?: number | undefined;
    };
    result: Readonly<{ kind: 'mounted' }> | Readonly<{ kind: 'absent' }>;
  };
  deleteBlob: {
    args: By & { readonly repository: RepositoryName; readonly digest: Digest };
    result:
      Readonly<{ kind: 'deleted' }> | Readonly<{ kind: 'absent' }> | Readonly<{ kind: 'referenced'; manifest: Digest }>;
  };
  /** Puts a manifest and its tags, all or none. The content is in storage already. */
  putManifest: {
    args: By & {
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly sizeBytes: number;
      readonly mediaType: string;
      readonly artifactType: string | undefined;
      readonly subject: Digest | undefined;
      /** Kept only where there is a subject, for the referrers list. */
      readonly annotations: Readonly<Record<string, string>>;
      /** Blobs that must be in the repository: config and layers (those with `urls` apart). */
      readonly blobs: readonly { readonly digest: Digest; readonly sizeBytes: number }[];
      /** Blobs that may be missing (layers with `urls`): referenced where they are here. */
      readonly foreign: readonly Digest[];
      /** Manifests that an index names; they may be missing. */
      readonly children: readonly Digest[];
      readonly tags: readonly Tag[];
      readonly grant: TagGrant;
      readonly guards?: TagGuards | undefined;
      /** Where each of the tags must point now; nowhere where `at` is undefined. */
      readonly expects?: { readonly at: Digest | undefined } | undefined;
      /** What a door says of it. Where it is not given, what was said before stays. */
      readonly description?: Description | undefined;
      /** The quotas that the repository comes under: they bind where the push adds to what it references. */
      readonly quotas?: readonly Quota[] | undefined;
      /** As in `finishUpload`, of the manifest's own bytes. */
      readonly seen?: number | undefined;
      readonly replaced?: boolean | undefined;
    };
    result:
      /** `again`: as in `finishUpload`. */
      | Readonly<{ kind: 'again' }>
      | Readonly<{ kind: 'stored' }>
      | Readonly<{ kind: 'missing'; digests: readonly Digest[] }>
      /** The first blob whose stored size (here) is not what the manifest says. */
      | Readonly<{ kind: 'sizeDiffers'; digest: Digest; sizeBytes: number }>
      /** The first tag that the grant does not reach. Nothing was put. */
      | Readonly<{ kind: 'denied'; tag: Tag; need: keyof TagGrant }>
      /** A tag that is not to be moved, or whose manifest would be read as something else. Nothing was put. */
      | Readonly<{ kind: 'fixed'; tag: Tag }>
      /** Where a tag points that was expected elsewhere. Nothing was put. */
      | Readonly<{ kind: 'unexpected'; tag: Tag; at: Digest | undefined }>
      /** There is no room for what it would add. Nothing was put. */
      | Readonly<{ kind: 'overQuota'; quota: string }>;
  };
  deleteTag: {
    args: By & {
      readonly repository: RepositoryName;
      readonly tag: Tag;
      readonly guards?: TagGuards | undefined;
      /** What it must point at; anything where it is not given. */
      readonly at?: Digest | undefined;
    };
    result:
      | Readonly<{ kind: 'deleted' }>
      | Readonly<{ kind: 'absent' }>
      | Readonly<{ kind: 'moved' }>
      | Readonly<{ kind: 'kept'; tag: Tag }>;
  };
  /** Deletes a manifest from the repository and every tag that points at it there. */
  deleteManifest: {
    args: By & {
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly guards?: TagGuards | undefined;
      /** Until when all that it named is kept for a way back, whatever grace a collection is given. */
      readonly keepMs?: number | undefined;
      /** Only where no other tags than these point at it, and no index of the repository names it. */
      readonly onlyTags?: readonly Tag[] | undefined;
      /** Only where nobody is known to have pushed or pulled it after this. */
      readonly usedMs?: number | undefined;
      /** Whether nobody is to bring it back. */
      readonly forgets?: boolean | undefined;
    };
    /** `kept`: a tag that is not to be deleted points at it, or at an index that it is part of. Nothing was deleted. */
    result:
      | Readonly<{ kind: 'deleted' }>
      | Readonly<{ kind: 'absent' }>
      | Readonly<{ kind: 'inUse' }>
      | Readonly<{ kind: 'kept'; tag: Tag }>;
  };
  /** Adds entries to the log that no change goes with: sign-ins, and what was refused. */
  recordEvents: { args: { readonly events: readonly (By & LogEvent)[] }; result: void };
  /** Gives the next `limit` committed rows of the log dense numbers, hashed onto the batch before. How many it sealed. */
  sealChanges: {
    args: { readonly nowMs: number; readonly limit: number };
    result: { readonly sealed: number; readonly last: number };
  };
  /** Moves a follower's cursor forward; never back. */
  moveCursor: { args: { readonly name: string; readonly sequence: number }; result: void };
  takeLease: {
    args: { readonly name: string; readonly holder: string; readonly nowMs: number; readonly untilMs: number };
    result: boolean;
  };
  dropLease: { args: { readonly name: string; readonly holder: string }; result: void };
  /** Begins to fill a catalog that holds nothing, or goes on with what the same holder began. `holder` says from what. */
  beginRestore: {
    args: { readonly holder: string };
    result:
      | Readonly<{ kind: 'begun' | 'resumed' }>
      | Readonly<{ kind: 'notEmpty' }>
      /** What another restore began is there, in part. */
      | Readonly<{ kind: 'unfinished'; holder: string }>;
  };
  /** Adds rows, whatever their order; one that is there already is replaced, or left where it says the same. */
  restoreRows: { args: { readonly rows: readonly DumpRow[] }; result: void };
  /** Ends a restore: from now on the catalog may be served. All that was restored is on stable storage when it resolves. */
  endRestore: { args: { readonly holder: string; readonly nowMs: number }; result: void };
}

export type CommandName = keyof Commands;
export type CommandArgs<Name extends CommandName> = Commands[Name]['args'];
export type CommandResult<Name extends CommandName> = Commands[Name]['result'];

/** What was committed at one moment, whatever is written meanwhile. */
export interface CatalogSnapshot {
  /** Every row of a kind, in an order that is the same on every engine. */
  read<Kind extends DumpKind>(kind: Kind, scope: DumpScope): AsyncIterable<DumpRowOf<Kind>>;
  /** To be called once: until then the snapshot costs the database room. */
  close(): Promise<void>;
}

/** `logical`: only what manifests and tags imply, which is what can be rebuilt from storage. */
export type DumpScope = 'all' | 'logical';

export interface Catalog {
  readonly queries: Queries;
  /** Runs a command in a transaction of its own; when it resolves, its changes are committed (durably, where it says so). */
  run<Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<CommandResult<Name>>;
  /** Opens a view of this moment, on a connection of its own. */
  snapshot(): Promise<CatalogSnapshot>;
  /** Resolves where the catalog answers just now; throws a CatalogError otherwise. For `/readyz`. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Why the catalog could not: `busy` try again (503), `full` no room, `newer` made by a later version, `broken` anything else. */
export type CatalogFailure = 'busy' | 'full' | 'newer' | 'broken';

export class CatalogError extends Error {
  readonly failure: CatalogFailure;

  constructor(failure: CatalogFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CatalogError';
    this.failure = failure;
  }
}
