import { FIRST_ON_POSTGRES } from './0001-first-postgres.ts';
import type { Migration } from './migration.ts';

/**
 * The tables of version 0.1. Digests and names are text and compare by bytes; times are milliseconds since 1970.
 * An index is there for a query or command that needs it, named beside it.
 */
export const FIRST: Migration = {
  name: '0001-first',
  version: '0.1',
  postgres: FIRST_ON_POSTGRES,
  sqlite: [
    // `listed` is set with the repository's first manifest and never cleared: it keeps repositories that never had one
    // out of the way of listRepositories, which still asks for a manifest.
    `create table repositories (
      id integer primary key,
      name text not null unique,
      listed integer not null default 0
    ) strict`,
    `create index repositories_listed on repositories (name) where listed = 1`,

    // Content that storage has, manifest bytes too.
    `create table blobs (
      digest text primary key,
      size_bytes integer not null,
      created_ms integer not null
    ) strict, without rowid`,

    // Which repository holds which blob, by a completed upload or a mount: this alone opens a blob to readers.
    `create table repository_blobs (
      repository_id integer not null references repositories (id) on delete restrict,
      digest text not null references blobs (digest) on delete restrict,
      since_ms integer not null,
      primary key (repository_id, digest)
    ) strict, without rowid`,
    // listHolders
    `create index repository_blobs_by_digest on repository_blobs (digest, repository_id)`,

    // Annotations are kept only beside a subject, as JSON; last, since where they are long the rest is read without them.
    `create table manifests (
      repository_id integer not null references repositories (id) on delete restrict,
      digest text not null,
      media_type text not null,
      size_bytes integer not null,
      artifact_type text,
      subject text,
      pushed_ms integer not null,
      annotations text,
      primary key (repository_id, digest)
    ) strict, without rowid`,
    // listReferrers, without and with a filter
    `create index manifests_by_subject on manifests (repository_id, subject, digest) where subject is not null`,
    `create index manifests_by_subject_and_type on manifests (repository_id, subject, artifact_type, digest)
      where subject is not null`,

    // What a manifest keeps alive: config, layers, and its own bytes (the row where digest = manifest).
    `create table manifest_blobs (
      repository_id integer not null,
      manifest text not null,
      digest text not null references blobs (digest) on delete restrict,
      primary key (repository_id, manifest, digest),
      foreign key (repository_id, manifest) references manifests (repository_id, digest) on delete restrict
    ) strict, without rowid`,
    // deleteBlob, and whether anything references a blob at all
    `create index manifest_blobs_by_digest on manifest_blobs (digest, repository_id, manifest)`,

    // Manifests that an index names; they need not be here.
    `create table manifest_children (
      repository_id integer not null,
      manifest text not null,
      digest text not null,
      primary key (repository_id, manifest, digest),
      foreign key (repository_id, manifest) references manifests (repository_id, digest) on delete restrict
    ) strict, without rowid`,

    `create table tags (
      repository_id integer not null references repositories (id) on delete restrict,
      name text not null,
      digest text not null,
      primary key (repository_id, name),
      foreign key (repository_id, digest) references manifests (repository_id, digest) on delete restrict
    ) strict, without rowid`,
    // deleteManifest
    `create index tags_by_digest on tags (repository_id, digest, name)`,

    // The log of changes. Names are copied: a row says what was, whatever becomes of it. The sealer fills in `sequence`.
    `create table changes (
      id integer primary key autoincrement,
      sequence integer unique,
      time_ms integer not null,
      action text not null,
      repository text not null,
      name text not null,
      from_digest text,
      to_digest text,
      principal text not null,
      address text not null,
      request_id text not null
    ) strict`,
    // listTagMoves
    `create index changes_by_tag on changes (repository, name, id) where action in ('tag.put', 'tag.delete')`,

    // One row a sealed batch: rows first_sequence to last_sequence, hashed onto the batch before (log-hash.ts).
    `create table seals (
      last_sequence integer primary key,
      first_sequence integer not null,
      hash text not null,
      time_ms integer not null
    ) strict`,

    `create table cursors (name text primary key, sequence integer not null) strict, without rowid`,
    `create table leases (name text primary key, holder text not null, until_ms integer not null) strict, without rowid`,

    // Upload sessions. `epoch` counts claims; `claimed_until_ms` is 0 while nobody holds it. The repository may not exist yet.
    `create table uploads (
      id text primary key,
      repository text not null,
      principal text not null,
      algorithm text not null,
      offset_bytes integer not null,
      digest text,
      state text,
      epoch integer not null,
      claimed_until_ms integer not null,
      created_ms integer not null,
      touched_ms integer not null
    ) strict, without rowid`,
    // createUpload
    `create index uploads_by_principal on uploads (principal)`,
    // expireUploads
    `create index uploads_by_touch on uploads (touched_ms)`,
  ],
};
