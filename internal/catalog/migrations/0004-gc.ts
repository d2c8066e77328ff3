import { GC_ON_POSTGRES } from './0004-gc-postgres.ts';
import type { Migration } from './migration.ts';

/** What the garbage collector goes by. Which blobs are garbage is never stored: that is what no row of manifest_blobs names. */
export const GC: Migration = {
  name: '0004-gc',
  version: '0.1',
  postgres: GC_ON_POSTGRES,
  sqlite: [
    // Null where the blob is live. Else whoever has the token `deletion` removes its content, and may do so for half of
    // TAKEOVER_MS from deleting_ms on (deletions.ts); then the row goes. A row that is being deleted opens nothing: what
    // belonged to it went in the same transaction.
    `alter table blobs add column deleting_ms integer`,
    `alter table blobs add column deletion text`,
    // takeOverDeletions
    `create index blobs_deleting on blobs (deleting_ms, digest) where deleting_ms is not null`,

    // Blobs that may have become garbage, since when at the earliest: each that nothing references is among them. Written
    // wherever a blob comes or loses a reference, whatever other references there are; the collector strikes out those.
    // repository_id: whose upload or delete that was, null where nobody's.
    `create table gc_candidates (
      digest text primary key references blobs (digest) on delete cascade,
      since_ms integer not null,
      repository_id integer
    ) strict, without rowid`,
    // listCandidates
    `create index gc_candidates_by_age on gc_candidates (since_ms, digest)`,

    // Who was told that a blob is there, and relies on it until then. Only candidates have leases.
    `create table gc_leases (
      digest text not null references blobs (digest) on delete cascade,
      repository_id integer not null,
      until_ms integer not null,
      primary key (digest, repository_id)
    ) strict, without rowid`,

    // How many deletions were begun, by the first byte of their digests: an upload that sees no other number than before
    // it brought its content to its place knows that nobody has removed that since.
    `create table gc_shards (shard integer primary key, deletions integer not null) strict`,

    // Runs of the collector, as JSON.
    `create table gc_runs (
      id text primary key,
      started_ms integer not null,
      finished_ms integer,
      report text not null
    ) strict, without rowid`,
    // listGcRuns
    `create index gc_runs_by_start on gc_runs (started_ms, id)`,

    // When they lost their last reference nobody noted: they get the whole delay.
    `insert into gc_candidates (digest, since_ms)
      select digest, cast(unixepoch('subsec') * 1000 as integer) from blobs
      where not exists (select 1 from manifest_blobs where manifest_blobs.digest = blobs.digest)`,
  ],
};
