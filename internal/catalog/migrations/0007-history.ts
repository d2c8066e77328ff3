import type { Migration } from './migration.ts';

// rollback and retention: since when a manifest has been without a tag
const LEFT_INDEX = `create index changes_by_left on changes (repository, from_digest, time_ms) where from_digest is not null`;
// forgetDeleted; and what goes with a blob's row
const DELETED_INDEXES = [
  `create index deleted_manifests_by_time on deleted_manifests (deleted_ms)`,
  `create index deleted_manifests_by_digest on deleted_manifests (digest)`,
];

/**
 * What can be brought back. A row of deleted_manifests is there from a manifest's deletion until it is put again, or
 * until its bytes are collected; its layers stay as long as they do, or longer.
 */
export const HISTORY: Migration = {
  name: '0007-history',
  version: '0.1',
  postgres: [
    LEFT_INDEX,
    `create table deleted_manifests (
      repository_id bigint not null references repositories (id) on delete restrict,
      digest text collate "C" not null references blobs (digest) on delete cascade,
      media_type text collate "C" not null,
      size_bytes bigint not null,
      deleted_ms bigint not null,
      primary key (repository_id, digest)
    )`,
    ...DELETED_INDEXES,
  ],
  sqlite: [
    LEFT_INDEX,
    `create table deleted_manifests (
      repository_id integer not null references repositories (id) on delete restrict,
      digest text not null references blobs (digest) on delete cascade,
      media_type text not null,
      size_bytes integer not null,
      deleted_ms integer not null,
      primary key (repository_id, digest)
    ) strict, without rowid`,
    ...DELETED_INDEXES,
  ],
};
