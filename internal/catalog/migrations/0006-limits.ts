import type { Migration } from './migration.ts';

/** Counts that processes share, for limits: worth a minute or ten, so that PostgreSQL need not keep them through a crash. */
export const LIMITS: Migration = {
  name: '0006-limits',
  version: '0.1',
  sqlite: [
    `create table shared_counts (
      ends_ms integer not null,
      key text not null,
      count integer not null,
      primary key (ends_ms, key)
    ) strict, without rowid`,
  ],
  postgres: [
    `create unlogged table shared_counts (
      ends_ms bigint not null,
      key text collate "C" not null,
      count bigint not null,
      primary key (ends_ms, key)
    )`,
  ],
};
