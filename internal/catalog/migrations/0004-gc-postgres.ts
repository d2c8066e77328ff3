/** The tables of 0004-gc.ts as PostgreSQL has them. */
export const GC_ON_POSTGRES: readonly string[] = [
  `alter table blobs add column deleting_ms bigint, add column deletion text collate "C"`,
  `create index blobs_deleting on blobs (deleting_ms, digest) where deleting_ms is not null`,

  `create table gc_candidates (
    digest text collate "C" primary key references blobs (digest) on delete cascade,
    since_ms bigint not null,
    repository_id bigint
  )`,
  `create index gc_candidates_by_age on gc_candidates (since_ms, digest)`,

  `create table gc_leases (
    digest text collate "C" not null references blobs (digest) on delete cascade,
    repository_id bigint not null,
    until_ms bigint not null,
    primary key (digest, repository_id)
  )`,

  `create table gc_shards (shard integer primary key, deletions bigint not null)`,

  `create table gc_runs (
    id text collate "C" primary key,
    started_ms bigint not null,
    finished_ms bigint,
    report text collate "C" not null
  )`,
  `create index gc_runs_by_start on gc_runs (started_ms, id)`,

  `insert into gc_candidates (digest, since_ms)
    select digest, (extract(epoch from clock_timestamp()) * 1000)::bigint from blobs
    where not exists (select 1 from manifest_blobs where manifest_blobs.digest = blobs.digest)`,
];
