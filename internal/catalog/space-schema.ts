import type { Digest } from '../../pkg/oci/index.ts';

/** The tables of history, retention and accounting (migrations/0007-history.ts and later). */
export interface SpaceSchema {
  deleted_manifests: {
    repository_id: number;
    digest: Digest;
    media_type: string;
    size_bytes: number;
    deleted_ms: number;
  };
  repository_usage: { repository_id: number; bytes: number };
  pulls: { repository_id: number; digest: Digest; pulled_ms: number };
}
