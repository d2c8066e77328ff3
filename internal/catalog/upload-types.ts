import type { Algorithm, Digest, RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { By } from './asking.ts';

export interface UploadRow {
  readonly id: UploadId;
  readonly repository: RepositoryName;
  readonly principal: string;
  readonly algorithm: Algorithm;
  readonly offsetBytes: number;
  readonly digest: Digest | undefined;
  readonly state: string | undefined;
  /** Counted up by each claim. */
  readonly epoch: number;
}

export interface UploadQueries {
  findUpload(id: UploadId): Promise<UploadRow | undefined>;
}

export interface UploadCommands {
  createUpload: {
    args: By & {
      readonly id: UploadId;
      readonly repository: RepositoryName;
      readonly algorithm: Algorithm;
      /** At most so many open sessions of one principal; and in all. */
      readonly limitEach: number;
      readonly limitAll: number;
    };
    result: Readonly<{ kind: 'created' }> | Readonly<{ kind: 'tooMany' }>;
  };
  /** Takes the session for one request. `offsetBytes`: where the client says that its bytes start, if it does. */
  claimUpload: {
    args: By & {
      readonly id: UploadId;
      readonly repository: RepositoryName;
      readonly offsetBytes?: number | undefined;
      /** Until when the claim holds without a sign of life, milliseconds since 1970. */
      readonly untilMs: number;
    };
    result:
      | Readonly<{
          kind: 'claimed';
          epoch: number;
          upload: UploadRow;
          /** Whether the claim before was never ended, and its holder may still be writing. */
          lapsed: boolean;
        }>
      /** Another request holds it, or the bytes start elsewhere: the durable offset. */
      | Readonly<{ kind: 'refused'; upload: UploadRow }>
      /** No such session in this repository, or another principal's. */
      | Readonly<{ kind: 'unknown' }>;
  };
  /** A sign of life of a claim. False where the claim was lost. */
  renewUpload: {
    args: { readonly id: UploadId; readonly epoch: number; readonly untilMs: number };
    result: boolean;
  };
  /** Ends a claim with the position that was reached. False where the claim was lost, and nothing changed. */
  advanceUpload: {
    args: {
      readonly id: UploadId;
      readonly epoch: number;
      readonly nowMs: number;
      readonly offsetBytes: number;
      readonly digest: Digest | undefined;
      readonly state: string | undefined;
    };
    result: boolean;
  };
  /** Makes the published content the repository's, and ends the session if there was one. */
  finishUpload: {
    args: By & {
      readonly session?: { readonly id: UploadId; readonly epoch: number } | undefined;
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly sizeBytes: number;
      /** What `findDeletion` said before the content was published; without it the caller vouches for the content. */
      readonly seen?: number | undefined;
      /** Whether what was there before was replaced, whatever became of it: that mends what is quarantined. */
      readonly replaced?: boolean | undefined;
      /** Until when the blob is kept for the repository, referenced or not. */
      readonly leaseMs?: number | undefined;
    };
    /**
     * `again`: the content may have been removed since it was published, or what was there is quarantined and was not
     * replaced; to be published and told again. `lost`: the
     * session is not this claim's any more (cancelled, expired, taken over). Nothing changed in either case.
     */
    result: Readonly<{ kind: 'finished' }> | Readonly<{ kind: 'again' }> | Readonly<{ kind: 'lost' }>;
  };
  /** Ends a session, whoever holds its claim. */
  cancelUpload: {
    args: By & { readonly id: UploadId; readonly repository: RepositoryName };
    result: Readonly<{ kind: 'cancelled'; state: string | undefined }> | Readonly<{ kind: 'unknown' }>;
  };
  /** Ends up to `limit` sessions whose last byte came before `beforeMs`. */
  expireUploads: {
    args: { readonly beforeMs: number; readonly nowMs: number; readonly limit: number };
    result: readonly { readonly id: UploadId; readonly state: string | undefined }[];
  };
}
