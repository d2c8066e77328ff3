import type { Migration } from './migration.ts';

const USAGE = `insert into repository_usage (repository_id, bytes)
  select held.repository_id, sum(blobs.size_bytes)
  from (select distinct repository_id, digest from manifest_blobs) as held
  join blobs on blobs.digest = held.digest
  group by held.repository_id`;
// quotaUse: what was uploaded and is not referenced yet
const LEASES_INDEX = `create index gc_leases_by_repository on gc_leases (repository_id, digest)`;
// quotaUse, storageUse: what open uploads have
const UPLOADS_INDEX = `create index uploads_by_repository on uploads (repository)`;

/**
 * What the manifests of a repository reference, in bytes, each blob once; written in the transaction that adds or drops
 * references, which holds the row until its end.
 */
export const REPOSITORY_USAGE: Migration = {
  name: '0009-usage',
  version: '0.1',
  postgres: [
    `create table repository_usage (
      repository_id bigint primary key references repositories (id) on delete cascade,
      bytes bigint not null
    )`,
    USAGE,
    LEASES_INDEX,
    UPLOADS_INDEX,
  ],
  sqlite: [
    `create table repository_usage (
      repository_id integer primary key references repositories (id) on delete cascade,
      bytes integer not null
    ) strict`,
    USAGE,
    LEASES_INDEX,
    UPLOADS_INDEX,
  ],
};
