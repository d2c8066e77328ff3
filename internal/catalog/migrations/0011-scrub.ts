import type { Migration } from './migration.ts';

/**
 * Content that was found damaged, which nobody is given until it is mended; goes with the blob. And passes of the scrub
 * over all content, as JSON: one that has no end yet goes on where it stood.
 */
export const SCRUB: Migration = {
  name: '0011-scrub',
  version: '0.1',
  postgres: [
    `create table quarantine (
      digest text collate "C" primary key references blobs (digest) on delete cascade,
      problem text collate "C" not null,
      found_ms bigint not null
    )`,
    `create table scrub_runs (
      id text collate "C" primary key,
      started_ms bigint not null,
      finished_ms bigint,
      report text collate "C" not null
    )`,
    // listScrubRuns
    `create index scrub_runs_by_start on scrub_runs (started_ms, id)`,
  ],
  sqlite: [
    `create table quarantine (
      digest text primary key references blobs (digest) on delete cascade,
      problem text not null,
      found_ms integer not null
    ) strict, without rowid`,
    `create table scrub_runs (
      id text primary key,
      started_ms integer not null,
      finished_ms integer,
      report text not null
    ) strict, without rowid`,
    // listScrubRuns
    `create index scrub_runs_by_start on scrub_runs (started_ms, id)`,
  ],
};
