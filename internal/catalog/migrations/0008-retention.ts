import type { Migration } from './migration.ts';

/** When manifests were pulled, and since when that is noted. What nobody has pulled since has no row. */
export const RETENTION: Migration = {
  name: '0008-retention',
  version: '0.1',
  postgres: [
    `create table pulls (
      repository_id bigint not null,
      digest text collate "C" not null,
      pulled_ms bigint not null,
      primary key (repository_id, digest),
      foreign key (repository_id, digest) references manifests (repository_id, digest) on delete cascade
    )`,
    `insert into counters (name, value) values ('pulls since', (extract(epoch from clock_timestamp()) * 1000)::bigint)`,
  ],
  sqlite: [
    `create table pulls (
      repository_id integer not null,
      digest text not null,
      pulled_ms integer not null,
      primary key (repository_id, digest),
      foreign key (repository_id, digest) references manifests (repository_id, digest) on delete cascade
    ) strict, without rowid`,
    `insert into counters (name, value) values ('pulls since', cast(unixepoch('subsec') * 1000 as integer))`,
  ],
};
