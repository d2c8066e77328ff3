import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { ChangeAction, ChangeResult } from './change-actions.ts';
import { PEOPLE_KINDS, type PeopleRow } from './dump-people.ts';
import type { DamageKind } from './scrub-types.ts';

/**
 * What a catalog is made of, row by row and whatever the engine: what a dump holds, and what a restore is given.
 * Rows name repositories, not their ids, so that a row means the same in any catalog. A manifest carries what it names.
 * Sessions of uploads and leases are not among them: they live for hours and mean nothing elsewhere.
 */
export type DumpRow =
  | Readonly<{ kind: 'repository'; name: RepositoryName }>
  | Readonly<{ kind: 'blob'; digest: Digest; sizeBytes: number; createdMs: number }>
  /** Content that was found damaged, and is given to nobody until somebody has read that it is as it was pushed. */
  | Readonly<{ kind: 'quarantine'; digest: Digest; problem: DamageKind; foundMs: number }>
  | Readonly<{ kind: 'membership'; repository: RepositoryName; digest: Digest; sinceMs: number }>
  | Readonly<{
      kind: 'manifest';
      repository: RepositoryName;
      digest: Digest;
      mediaType: string;
      sizeBytes: number;
      pushedMs: number;
      artifactType: string | undefined;
      subject: Digest | undefined;
      /** JSON as it is stored: only beside a subject. */
      annotations: string | undefined;
      /** What it keeps alive besides its own bytes, by digest. */
      blobs: readonly Digest[];
      children: readonly Digest[];
    }>
  | Readonly<{ kind: 'tag'; repository: RepositoryName; name: Tag; digest: Digest }>
  /** What a door said of a manifest: JSON, undefined where it had nothing to say. */
  | Readonly<{ kind: 'facts'; repository: RepositoryName; digest: Digest; by: string; facts: string | undefined }>
  /** When a manifest was pulled last. */
  | Readonly<{ kind: 'pull'; repository: RepositoryName; digest: Digest; pulledMs: number }>
  /** A manifest that was deleted and can be brought back. */
  | Readonly<{
      kind: 'deleted';
      repository: RepositoryName;
      digest: Digest;
      mediaType: string;
      sizeBytes: number;
      deletedMs: number;
    }>
  | Readonly<{
      kind: 'change';
      /** Undefined while it is not sealed. */
      sequence: number | undefined;
      timeMs: number;
      action: ChangeAction;
      repository: RepositoryName | undefined;
      name: string;
      from: Digest | undefined;
      to: Digest | undefined;
      principal: string;
      address: string;
      requestId: string;
      result: ChangeResult;
      /** JSON as it is stored. */
      detail: string | undefined;
      /** Undefined while it is not sealed, and where none was made then. */
      hash: string | undefined;
    }>
  | Readonly<{ kind: 'seal'; first: number; last: number; hash: string; timeMs: number }>
  | Readonly<{ kind: 'cursor'; name: string; sequence: number }>
  | PeopleRow;

export type DumpKind = DumpRow['kind'];
export type DumpRowOf<Kind extends DumpKind> = Extract<DumpRow, { kind: Kind }>;

/** Every kind, each after those that its rows refer to. */
export const DUMP_KINDS = [
  'repository',
  'blob',
  'quarantine',
  'membership',
  'manifest',
  'facts',
  'tag',
  'pull',
  'deleted',
  'change',
  'seal',
  'cursor',
  ...PEOPLE_KINDS,
] as const satisfies readonly DumpKind[];
