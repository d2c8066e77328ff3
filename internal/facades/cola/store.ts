import type { OpenContent, Origin, UploadBody } from '../../registry/index.ts';

/** What is said of a registry or a package besides its name. */
export interface Described {
  readonly description: string;
  /** The `admins` of a registry, the `maintainers` of a package. */
  readonly people: readonly string[];
  readonly customValues: ReadonlyMap<string, string>;
}

/** What an update changes: a field that is absent stays as it is. */
export type Change = Partial<Described>;

export interface Registry extends Described {
  readonly name: string;
  /** By name. */
  readonly packages: readonly Package[];
}

export interface Package extends Described {
  readonly name: string;
  /** Ascending (rules/versions.ts). */
  readonly versions: readonly Version[];
}

/** Where the bytes of a version are: in a repository of this registry, or behind somebody's URL. */
export type Source = Readonly<{ kind: 'oci' }> | Readonly<{ kind: 'url'; url: string }>;

export interface Partitions {
  /** 0 to 255; a start beyond the end is nobody. */
  readonly startPartition: number;
  readonly endPartition: number;
}

export interface Version extends Partitions {
  /** The name of its package. */
  readonly name: string;
  readonly version: string;
  /** 64 lower-case hex digits. */
  readonly checksum: string;
  readonly source: Source;
  /** Milliseconds since 1970; undefined where nobody wrote it down. */
  readonly createdMs: number | undefined;
  readonly sizeBytes: number | undefined;
  /** Of its bytes; undefined where they are elsewhere. */
  readonly mediaType?: string | undefined;
  /** Of its manifest; undefined where it has none. */
  readonly digest: string | undefined;
  /** Whether command-launcher can install it; undefined where nobody looked inside. */
  readonly isInstallable: boolean | undefined;
  /** What is wrong with it, for people. */
  readonly warnings: readonly string[];
  /** Whether index.json names it. */
  readonly isListed: boolean;
}

/** A version to be published. Without `url` its bytes are in the package's repository already. */
export interface NewVersion extends Partitions {
  readonly version: string;
  readonly checksum: string;
  readonly url: string | undefined;
}

/** The outermost thing on the path that is not there. */
export type Absent = Readonly<{ kind: 'absent'; what: 'registry' | 'package' | 'version' }>;
export type Found<T> = Readonly<{ kind: 'found'; value: T }> | Absent;
export type Created<T> = Readonly<{ kind: 'created'; value: T }> | Readonly<{ kind: 'exists' }>;
export type Updated<T> = Readonly<{ kind: 'updated'; value: T }> | Absent;
export type Deleted = Readonly<{ kind: 'deleted' }> | Absent;
/** Another version of the package is for some of the same partitions, where that is refused. */
export type Overlap = Readonly<{ kind: 'overlap'; with: string }>;
/** No `url` was given, and nothing with that checksum is in the package's repository. */
export type NoContent = Readonly<{ kind: 'noContent' }>;

/** What index.json is made of. */
export interface RegistryIndex {
  /** As `indexStamp` tells it, for exactly these versions. */
  readonly stamp: string;
  /** When it last changed, in milliseconds since 1970; undefined where nobody wrote it down. */
  readonly changedMs: number | undefined;
  /** What is listed: by name, then ascending. */
  readonly versions: readonly Version[];
}

/**
 * What the routes stand on (contract 8.1), kept as OCI artifacts or as one document. What it is given was checked by
 * the rules. A store that is away throws UNAVAILABLE, and a write that threw has changed nothing. A version never
 * changes: to create it again is `exists`, whatever it says; once deleted it may come again.
 */
export interface ColaStore {
  /** Rejects where it could not answer or keep anything just now. */
  check(): Promise<void>;

  /** All of them, by name. */
  listRegistries(): Promise<readonly Registry[]>;
  getRegistry(name: string): Promise<Found<Registry>>;
  createRegistry(by: Origin, name: string, fields: Described): Promise<Created<Registry>>;
  updateRegistry(by: Origin, name: string, change: Change): Promise<Updated<Registry>>;
  /** With its packages and their versions. */
  deleteRegistry(by: Origin, name: string): Promise<Deleted>;

  /** By name. */
  listPackages(registry: string): Promise<Found<readonly Package[]>>;
  getPackage(registry: string, name: string): Promise<Found<Package>>;
  createPackage(by: Origin, registry: string, name: string, fields: Described): Promise<Created<Package> | Absent>;
  updatePackage(by: Origin, registry: string, name: string, change: Change): Promise<Updated<Package>>;
  /** With its versions. */
  deletePackage(by: Origin, registry: string, name: string): Promise<Deleted>;

  /** Ascending. */
  listVersions(registry: string, packageName: string): Promise<Found<readonly Version[]>>;
  getVersion(registry: string, packageName: string, version: string): Promise<Found<Version>>;
  createVersion(
    by: Origin,
    registry: string,
    packageName: string,
    version: NewVersion,
  ): Promise<Created<Version> | Absent | Overlap | NoContent>;
  deleteVersion(by: Origin, registry: string, packageName: string, version: string): Promise<Deleted>;

  /** Changes with the index, and costs next to nothing: asked on every request. Undefined where there is no such registry. */
  indexStamp(registry: string): Promise<string | undefined>;
  getRegistryIndex(registry: string): Promise<RegistryIndex | undefined>;

  close(): Promise<void>;
}

/** Bytes that the repository of a package holds by now. */
export interface Received {
  readonly checksum: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
}

/** Bytes that came in, to be published as a version. */
export interface ContentPush extends Partitions {
  readonly registry: string;
  readonly packageName: string;
  readonly version: string;
  readonly content: Received;
  /** Makes the package where it is not there. */
  readonly createsPackage: boolean;
  /** Refuses what command-launcher could not install. */
  readonly isChecked: boolean;
}

/** Not what command-launcher can install, and why: there is no such version. */
export type Unfit = Readonly<{ kind: 'unfit'; reasons: readonly string[] }>;

/** Where the bytes of a version are. */
export type StoredContent =
  | Readonly<{ kind: 'elsewhere'; url: string }>
  | Readonly<{
      kind: 'here';
      version: Version;
      /** To be closed by the caller. */
      open: () => Promise<OpenContent>;
    }>;

/** What only a store can do that keeps the bytes too. */
export interface ColaContents {
  /**
   * Streams bytes into the repository of a package, which need not be there yet. No version is made of them: without one
   * they go in the end. DIGEST_INVALID where they have another checksum than is given.
   */
  receive(by: Origin, registry: string, packageName: string, body: UploadBody, checksum?: string): Promise<Received>;
  /** Makes a version of what was received. */
  publish(by: Origin, push: ContentPush): Promise<Created<Version> | Absent | Overlap | Unfit>;
  find(registry: string, packageName: string, version: string): Promise<Found<StoredContent>>;
}
