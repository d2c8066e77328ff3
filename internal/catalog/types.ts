import type { ArtifactCommands, ArtifactQueries } from './artifact-types.ts';
import type { AuthCommands } from './auth-commands.ts';
import type { AuthQueries } from './auth-queries.ts';
import type { ContentCommands, ContentQueries } from './content-types.ts';
import type { DumpKind, DumpRowOf } from './dump-rows.ts';
import type { GcCommands, GcQueries } from './gc-types.ts';
import type { LimitCommands } from './limit-types.ts';
import type { LogCommands, LogQueries } from './log-types.ts';
import type { ManifestCommands, ManifestQueries } from './manifest-types.ts';
import type { RestoreCommands, RestoreQueries } from './restore-types.ts';
import type { ScrubCommands, ScrubQueries } from './scrub-types.ts';
import type { SpaceCommands, SpaceQueries } from './space-types.ts';
import type { UploadCommands, UploadQueries } from './upload-types.ts';

export type * from './artifact-types.ts';
export type * from './asking.ts';
export type * from './auth-rows.ts';
export * from './change-actions.ts';
export type * from './content-types.ts';
export type * from './gc-types.ts';
export type * from './limit-types.ts';
export type * from './log-types.ts';
export type * from './manifest-types.ts';
export type { RunRow } from './run-types.ts';
export * from './scrub-types.ts';
export type { ProfileRow, SessionRow, WorkloadRuleRow } from './sign-in-types.ts';
export type * from './space-types.ts';
export type * from './tag-types.ts';
export type * from './upload-types.ts';

export interface CatalogTotals {
  readonly repositories: number;
  readonly tags: number;
  readonly blobBytes: number;
  readonly uploads: number;
  /** Contents that are quarantined. */
  readonly quarantined: number;
}

/** Reads what is committed, on the caller's own connection. */
export interface Queries
  extends
    ArtifactQueries,
    AuthQueries,
    ContentQueries,
    GcQueries,
    LogQueries,
    ManifestQueries,
    RestoreQueries,
    ScrubQueries,
    SpaceQueries,
    UploadQueries {
  /** Counts of everything. Reads whole tables: for metrics, at most once a minute, off the request path. */
  totals(): Promise<CatalogTotals>;
}

/** Each is one decision in one transaction. Arguments are plain data, conditions included. */
export interface Commands
  extends
    ArtifactCommands,
    AuthCommands,
    ContentCommands,
    GcCommands,
    LimitCommands,
    LogCommands,
    ManifestCommands,
    RestoreCommands,
    ScrubCommands,
    SpaceCommands,
    UploadCommands {
  takeLease: {
    args: { readonly name: string; readonly holder: string; readonly nowMs: number; readonly untilMs: number };
    result: boolean;
  };
  dropLease: { args: { readonly name: string; readonly holder: string }; result: void };
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
