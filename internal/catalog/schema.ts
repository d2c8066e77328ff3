import type { Generated } from 'kysely';
import type { Algorithm, Digest, RepositoryName, Tag, UploadId } from '../../pkg/oci/index.ts';
import type { AuthSchema } from './auth-schema.ts';
import type { ChangeAction, ChangeResult } from './change-actions.ts';
import type { GcSchema } from './gc-schema.ts';
import type { LimitSchema } from './limit-types.ts';
import type { ScrubSchema } from './scrub-types.ts';
import type { SpaceSchema } from './space-schema.ts';

/** The tables as the query builder knows them. What each column means stands in `migrations/`. */
export interface Schema extends AuthSchema, GcSchema, LimitSchema, ScrubSchema, SpaceSchema {
  repositories: RepositoriesTable;
  repository_blobs: { repository_id: number; digest: Digest; since_ms: number };
  manifests: ManifestsTable;
  manifest_blobs: { repository_id: number; manifest: Digest; digest: Digest };
  manifest_children: { repository_id: number; manifest: Digest; digest: Digest };
  tags: { repository_id: number; name: Tag; digest: Digest; id: Generated<number> };
  generations: { key: string; generation: number; changed_ms: number };
  changes: ChangesTable;
  seals: { last_sequence: number; first_sequence: number; hash: string; time_ms: number };
  cursors: { name: string; sequence: number };
  leases: { name: string; holder: string; until_ms: number };
  uploads: UploadsTable;
  migrations: { name: string; version: string; applied_ms: number };
}

interface RepositoriesTable {
  id: Generated<number>;
  name: RepositoryName;
  listed: Generated<number>;
}

interface ManifestsTable {
  repository_id: number;
  digest: Digest;
  media_type: string;
  size_bytes: number;
  artifact_type: string | null;
  subject: Digest | null;
  pushed_ms: number;
  annotations: string | null;
  facts: Generated<string | null>;
  described_by: Generated<string | null>;
}

interface ChangesTable {
  id: Generated<number>;
  sequence: number | null;
  time_ms: number;
  action: ChangeAction;
  repository: RepositoryName | '';
  name: string;
  from_digest: Digest | null;
  to_digest: Digest | null;
  principal: string;
  address: string;
  request_id: string;
  result: ChangeResult;
  detail: string | null;
  hash: string | null;
}

interface UploadsTable {
  id: UploadId;
  repository: RepositoryName;
  principal: string;
  algorithm: Algorithm;
  offset_bytes: number;
  digest: Digest | null;
  state: string | null;
  epoch: number;
  claimed_until_ms: number;
  created_ms: number;
  touched_ms: number;
}
