import type { Kysely } from 'kysely';
import type { Algorithm, Digest, RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';
import type { UploadRow } from './types.ts';

/** A session as it is stored, its claim included. */
export interface StoredUpload {
  readonly id: UploadId;
  readonly repository: RepositoryName;
  readonly principal: string;
  readonly algorithm: Algorithm;
  readonly offset_bytes: number;
  readonly digest: Digest | null;
  readonly state: string | null;
  readonly epoch: number;
  readonly claimed_until_ms: number;
}

const selectUpload = (q: Kysely<Schema>, id: UploadId) =>
  q
    .selectFrom('uploads')
    .select(['id', 'repository', 'principal', 'algorithm', 'offset_bytes', 'digest', 'state', 'epoch'])
    .select('claimed_until_ms')
    .where('id', '=', id);

export const uploadById = statement<{ id: UploadId }>()((q, p) => selectUpload(q, p.id));

/** The same for a decision about it: nobody else changes it before the transaction ends. */
export const lockUploadById = statement<{ id: UploadId }>()((q, p) => selectUpload(q, p.id).forNoKeyUpdate());

export function toUploadRow(stored: StoredUpload): UploadRow {
  return {
    id: stored.id,
    repository: stored.repository,
    principal: stored.principal,
    algorithm: stored.algorithm,
    offsetBytes: stored.offset_bytes,
    digest: stored.digest ?? undefined,
    state: stored.state ?? undefined,
    epoch: stored.epoch,
  };
}
