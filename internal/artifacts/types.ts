import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { ArtifactRow, GenerationRow } from '../catalog/index.ts';
import type { Facts, OpenContent, Origin, UploadBody } from '../registry/index.ts';

/**
 * Named, versioned files kept as OCI artifacts: a tag of a repository, and the manifest that it points at. All that
 * facades know of content. Everything goes through the registry's own rules, so what is written here is pushed, and what
 * is pushed is found here. Whether the caller may is decided before: by the gate.
 */
export interface Artifacts {
  /**
   * Streams bytes into the repository as a blob: no copy besides, any length. Without a manifest that names it the blob
   * is kept for `gc.review_delay`. DIGEST_INVALID, SIZE_INVALID, BLOB_UPLOAD_INVALID, QUOTA_EXCEEDED, STORAGE_FULL.
   */
  upload(by: Origin, repository: RepositoryName, body: UploadBody, expected?: Digest): Promise<Uploaded>;
  /**
   * Writes the manifest and makes the tag in one transaction, if the tag is not there. Of two at once, here or on another
   * replica, one is told `exists`, identical or not. MANIFEST_BLOB_UNKNOWN, and what the repository's door refuses.
   */
  create(by: Origin, artifact: NewArtifact): Promise<Created>;
  /**
   * Writes a document as an artifact and points the tag at it, whatever it pointed at; with `expected` only if it pointed
   * there. Where that is not told, what the tag pointed at before stays in the repository without a tag.
   */
  writeDocument(by: Origin, document: NewDocument, options?: WriteOptions): Promise<Written>;
  /** The document that the tag names: the only layer of its manifest. Undefined where there is no such tag or no such layer. */
  readDocument(repository: RepositoryName, tag: Tag): Promise<Document | undefined>;
  /** What the tag names, its facts included; one query. */
  find(repository: RepositoryName, tag: Tag): Promise<Artifact | undefined>;
  /** All that the repository's tags name, by tag in byte order; one query, no content is read. */
  list(repository: RepositoryName, page: ArtifactPage): Promise<readonly Artifact[]>;
  /** The same of the repository (`cola/ops`) and all below it, by repository, then tag: at most two queries a page. */
  listBelow(repository: RepositoryName, page: NamespacePage): Promise<readonly Artifact[]>;
  /** Repositories below (`foundry`: `foundry/a`, `foundry/b/c`) with a tag that its door has facts of, by name in byte order. */
  repositories(below: RepositoryName, page: RepositoryPage): Promise<readonly NamedRepository[]>;
  /**
   * Deletes the tag, and its manifest where no other tag and no index names it. False where there is no such tag.
   * DELETE_DISABLED, TAG_PROTECTED.
   */
  delete(by: Origin, repository: RepositoryName, tag: Tag): Promise<boolean>;
  /**
   * Deletes all tags of the repository, with `below` those of all repositories below it too, in one transaction: whoever
   * looks sees all or none. Their manifests follow. How many tags that were. DELETE_DISABLED, TAG_PROTECTED.
   */
  deleteRepository(by: Origin, repository: RepositoryName, options?: { readonly below?: boolean }): Promise<number>;
  /**
   * The content of a blob that the repository holds, to be closed by the caller; with `here` never `elsewhere`, whatever
   * `storage.s3.redirect` says. BLOB_UNKNOWN.
   */
  open(repository: RepositoryName, digest: Digest, options?: { readonly here?: boolean }): Promise<OpenContent>;
  /**
   * The generation of a key (`GenerationRule`); one indexed row. Whoever keeps what it made of a list asks before it lists:
   * what is listed then is of that generation or a later one.
   */
  generation(key: string): Promise<Generation>;
  /** Of all keys below a prefix (`cola`: `cola/ops`) the generations, by key. */
  generations(below: RepositoryName): Promise<ReadonlyMap<string, Generation>>;
}

export interface Uploaded {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What a tag names. */
export interface Artifact extends Omit<ArtifactRow, 'description'> {
  /** What the repository's door said of the manifest; undefined where it had nothing to say, or no door owns it. */
  readonly facts: Facts | undefined;
}

/** At most `limit` that come after a tag. */
export interface ArtifactPage {
  readonly limit: number;
  readonly after?: Tag | undefined;
}

export interface NamespacePage {
  readonly limit: number;
  readonly after?: Pick<Artifact, 'repository' | 'tag'> | undefined;
}

export interface RepositoryPage {
  readonly limit: number;
  readonly after?: RepositoryName | undefined;
  /** Only these, of the name as it is after the prefix; costs a look at each that it is asked about. */
  readonly matches?: ((rest: string) => boolean) | undefined;
}

export interface NamedRepository {
  readonly name: RepositoryName;
  readonly id: number;
}

/** A file of a new artifact: a blob that the repository holds, or bytes that are put there first. */
export interface NewFile {
  readonly mediaType: string;
  /** The name under which clients write it to a file. */
  readonly title: string;
  readonly content: Uploaded | Uint8Array;
}

export interface NewArtifact {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  readonly artifactType: string;
  readonly files: readonly NewFile[];
  readonly annotations: Readonly<Record<string, string>>;
}

export type Created = Readonly<{ kind: 'created'; digest: Digest }> | Readonly<{ kind: 'exists'; digest: Digest }>;

/** A document of one file: of a registry, of a package, of an index. */
export interface NewDocument {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  /** The artifact's type, and the media type of the file. */
  readonly type: string;
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export interface WriteOptions {
  /** Writes only where the tag points there now; `absent`: where there is none. */
  readonly expected?: Digest | 'absent' | undefined;
  /** Deletes what the tag pointed at before, unless something else names it; it cannot be restored. */
  readonly dropsPrevious?: boolean | undefined;
}

/** `unexpected`: nothing was written, and that is where the tag points. */
export type Written =
  Readonly<{ kind: 'written'; digest: Digest }> | Readonly<{ kind: 'unexpected'; at: Digest | undefined }>;

export interface Document {
  /** The manifest's: what `expected` is compared with. */
  readonly digest: Digest;
  readonly pushedMs: number;
  readonly bytes: Uint8Array;
}

/** 0 where nothing ever changed. */
export type Generation = GenerationRow;
