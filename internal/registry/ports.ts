import type { Digest, Manifest, RepositoryName, Tag, UploadId } from '../../pkg/oci/index.ts';
import type { ByteRange } from '../storage/index.ts';

/** What the registry asks of whoever wires it. */
export interface RegistryPorts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic: for durations. */
  readonly ticks: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** A fresh random id for an upload. */
  readonly newUploadId: () => UploadId;
  /** Hears of content that is gone or does not match its digest: for the log. */
  readonly onDamage: (damage: Damage) => void;
}

/** Content that the catalog knows and storage cannot give as it was pushed. */
export interface Damage {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly problem: 'missing' | 'wrong size' | 'wrong content';
}

export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** What a door knows of a manifest beside what it says itself: kept with its row, gone and rebuilt with it. */
export type Facts = Readonly<Record<string, JsonValue>>;

/**
 * What a facade contributes to the repositories that are its own, through whichever door they are changed: `/v2`, another
 * facade, a job, a command. No two doors own the same repository. All but `prepare` is asked at every change: it is quick
 * and depends on its arguments alone.
 */
export interface Door {
  /** `cola`; what is kept for a door is kept under this name. */
  readonly name: string;
  /** Counts up when the facts that `prepare` gives change: those of an earlier one are made anew when they are asked for. */
  readonly factsVersion: number;
  owns(repository: RepositoryName): boolean;
  /** Whether a tag may not move once it is made. That it is not deleted either is only `registry.protected_tags`'s to say. */
  fixes(repository: RepositoryName, tag: Tag): boolean;
  /** Patterns of tags that no retention rule lets go of: they say something of the others. */
  readonly spares?: readonly string[];
  /** What goes up with every change of the repository's tags and of what is known of the manifests that they point at. */
  generation(repository: RepositoryName): GenerationRule | undefined;
  /**
   * For every manifest that is pushed to a repository of its own, before anything of it is kept: refuses by an OciError,
   * or says what is to be known of it; undefined where there is nothing to say. The facts are the manifest's, whatever
   * tags it gets later: they follow from its content alone. A rebuild asks again, and takes a refusal for no facts.
   */
  prepare(push: DoorPush): Promise<Facts | undefined>;
}

/** The generation of a namespace (`cola/ops`): while it is the same, nothing that the namespace's tags tell has changed. */
export interface GenerationRule {
  readonly key: string;
  /** Tags whose changes do not raise it: what is made out of the rest. */
  readonly without: readonly Tag[];
}

/** A manifest that is about to be put, or that a rebuild found. */
export interface DoorPush {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
  /** The tags that this push makes or moves: for refusals. */
  readonly tags: readonly Tag[];
  /** A part of a blob that the repository holds, or all of it. BLOB_UNKNOWN. It is to be read to its end or returned. */
  readonly readBlob: (digest: Digest, range?: ByteRange) => AsyncIterable<Uint8Array>;
}
