import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { RecordRun, RunRow, RunsTable } from './run-types.ts';
import type { By, PageOf } from './asking.ts';

/** What is wrong with stored content that is not as it was pushed. */
export const DAMAGE_KINDS = ['missing', 'wrong size', 'wrong content'] as const;
export type DamageKind = (typeof DAMAGE_KINDS)[number];

/** Content that was found damaged: nobody is given it until it is mended. */
export interface QuarantinedBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly problem: DamageKind;
  readonly foundMs: number;
}

/** A manifest that cannot be pulled whole without some content, and a tag that leads to it where there is one. */
export interface HurtName {
  readonly repository: RepositoryName;
  readonly manifest: Digest;
  readonly tag: Tag | undefined;
}

export interface ScrubQueries {
  /** What is quarantined, by digest. */
  listQuarantine(page: PageOf<string>): Promise<readonly QuarantinedBlob[]>;
  /**
   * What cannot be pulled whole without the content: manifests that are it or name it, and indexes that these are part
   * of. About `most` of them: nobody reads more.
   */
  listHurt(digest: Digest, most: number): Promise<readonly HurtName[]>;
  /** The last passes, newest first. */
  listScrubRuns(limit: number): Promise<readonly RunRow[]>;
}

export interface ScrubCommands {
  /**
   * From now on nobody is given the content. `known`: so it was before; `gone`: the catalog has no such content any
   * more, or it is being deleted.
   */
  quarantine: {
    args: By & { readonly digest: Digest; readonly problem: DamageKind };
    result: Readonly<{ kind: 'quarantined' | 'known'; foundMs: number }> | Readonly<{ kind: 'gone' }>;
  };
  /** The content is as it was pushed: by who has read or brought it since it was quarantined at `foundMs`. */
  liftQuarantine: {
    args: By & { readonly digest: Digest; readonly foundMs: number };
    result: boolean;
  };
  recordScrubRun: RecordRun;
}

/** The tables of the scrub (migrations/0011-scrub.ts). */
export interface ScrubSchema {
  quarantine: { digest: Digest; problem: DamageKind; found_ms: number };
  scrub_runs: RunsTable;
}
