import type { Generated } from 'kysely';
import type { Digest } from '../../pkg/oci/index.ts';
import type { RunsTable } from './run-types.ts';

/** The tables of the garbage collector, and blobs with what it writes there (migrations/0004-gc.ts). */
export interface GcSchema {
  blobs: BlobsTable;
  gc_candidates: { digest: Digest; since_ms: number; repository_id: number | null };
  gc_leases: { digest: Digest; repository_id: number; until_ms: number };
  gc_shards: { shard: number; deletions: number };
  gc_runs: RunsTable;
}

interface BlobsTable {
  digest: Digest;
  size_bytes: number;
  created_ms: number;
  deleting_ms: Generated<number | null>;
  deletion: Generated<string | null>;
}
