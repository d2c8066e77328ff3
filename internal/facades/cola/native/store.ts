import { OciError, parseDigest, tagOfVersion, type RepositoryName } from '../../../../pkg/oci/index.ts';
import type { Artifacts, Uploaded } from '../../../artifacts/index.ts';
import type { Origin } from '../../../registry/index.ts';
import type { Names } from '../names.ts';
import { listedVersions } from '../rules/index-json.ts';
import { findOverlap } from '../rules/partitions.ts';
import type {
  Absent,
  ColaStore,
  Created,
  Found,
  NewVersion,
  NoContent,
  Overlap,
  Partitions,
  Version,
} from '../store.ts';
import { generationKey } from './door.ts';
import { createListing, type Listing } from './listing.ts';
import { changeDocument, insertDocument, makeVersion, type VersionToMake } from './write.ts';
import { versionAt } from './versions.ts';
import { mediaTypeOf } from './media-type.ts';

export interface NativeDeps {
  readonly artifacts: Artifacts;
  readonly names: Names;
  /** `facades.cola.index_strict` */
  readonly isStrict: boolean;
  /** `facades.cola.partition_overlap` */
  readonly overlap: 'allow' | 'reject';
  readonly check: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const absent = (what: Absent['what']): Absent => ({ kind: 'absent', what });
const found = <T>(value: T): Found<T> => ({ kind: 'found', value });

/** What a version is made of, and where. */
export type Publication = Omit<VersionToMake, 'repository'> & { readonly registry: string };

export interface NativeStore extends ColaStore {
  /** Makes a version of what is there already. */
  publish(by: Origin, publication: Publication): Promise<Created<Version> | Absent | Overlap>;
  readonly listing: Listing;
}

/** COLA's registries, packages and versions as OCI artifacts: what is pushed is there, what is made here can be pulled. */
export function createNativeStore(deps: NativeDeps): NativeStore {
  const { artifacts, names, isStrict, overlap, check, clock } = deps;
  const listing = createListing({ artifacts, names, isStrict });

  /** What is missing on the way to a package. */
  async function missing(registry: string, packageName: string): Promise<Absent> {
    return absent((await listing.hasRegistry(registry)) && packageName !== '' ? 'package' : 'registry');
  }

  async function getVersion(registry: string, packageName: string, version: string): Promise<Found<Version>> {
    const repository = names.package(registry, packageName);
    const tag = tagOfVersion(version);
    const artifact = repository && tag && (await artifacts.find(repository, tag));
    const value = artifact && versionAt(artifact, packageName, isStrict);
    if (value && value.version === version) return found(value);
    if (await listing.hasPackage(registry, packageName)) return absent('version');
    return missing(registry, packageName);
  }

  async function findOverlapping(registry: string, name: string, one: Partitions): Promise<Overlap | undefined> {
    if (overlap === 'allow') return undefined;
    const others = (await listing.package(registry, name))?.versions ?? [];
    const other = findOverlap(one, others);
    return other && { kind: 'overlap', with: other.version };
  }

  async function publish(
    by: Origin,
    { registry, ...version }: Publication,
  ): Promise<Created<Version> | Absent | Overlap> {
    const { name } = version;
    const repository = names.package(registry, name);
    if (!repository || !(await listing.hasPackage(registry, name))) return missing(registry, name);
    const clash = await findOverlapping(registry, name, version);
    if (clash) {
      const taken = await getVersion(registry, name, version.version);
      return taken.kind === 'found' ? { kind: 'exists' } : clash;
    }
    const made = await makeVersion(artifacts, by, { repository, ...version }, clock());
    if (made.kind === 'exists') return { kind: 'exists' };
    const artifact = await artifacts.find(repository, made.tag);
    const value = artifact && versionAt(artifact, name, isStrict);
    // Somebody may have deleted it since.
    return value ? { kind: 'created', value } : absent('version');
  }

  /** The blob of that checksum, where the package's repository holds it. */
  async function findHeld(
    repository: RepositoryName,
    checksum: string,
  ): Promise<(Uploaded & { mediaType: string }) | undefined> {
    const digest = parseDigest(`sha256:${checksum}`);
    try {
      const content = await artifacts.open(repository, digest, { here: true });
      return { digest, sizeBytes: content.sizeBytes, mediaType: await mediaTypeOf(content) };
    } catch (failure) {
      if (failure instanceof OciError && failure.code === 'BLOB_UNKNOWN') return undefined;
      throw failure;
    }
  }

  async function createVersion(
    by: Origin,
    registry: string,
    name: string,
    { version, checksum, url, startPartition, endPartition }: NewVersion,
  ): Promise<Created<Version> | Absent | Overlap | NoContent> {
    const about = { registry, name, version, startPartition, endPartition };
    if (url !== undefined) return publish(by, { ...about, source: { kind: 'url', url, checksum } });
    const repository = names.package(registry, name);
    if (!repository || !(await listing.hasPackage(registry, name))) return missing(registry, name);
    const held = await findHeld(repository, checksum);
    if (!held) return { kind: 'noContent' };
    const { mediaType, digest, sizeBytes } = held;
    return publish(by, { ...about, source: { kind: 'file', mediaType, content: { digest, sizeBytes } } });
  }

  return {
    listing,
    publish,
    check,
    close: async () => undefined,

    listRegistries: () => listing.registries(),
    async getRegistry(name) {
      const registry = await listing.registry(name);
      return registry ? found(registry) : absent('registry');
    },
    async createRegistry(by, name, fields) {
      const repository = names.registry(name);
      if (!repository) throw new OciError('NAME_INVALID', name);
      if (await listing.hasRegistry(name)) return { kind: 'exists' };
      if (!(await insertDocument(artifacts, by, { kind: 'registry', repository, name }, fields)))
        return { kind: 'exists' };
      return { kind: 'created', value: { name, ...fields, packages: [] } };
    },
    async updateRegistry(by, name, change) {
      const repository = names.registry(name);
      if (!repository || !(await listing.hasRegistry(name))) return absent('registry');
      await changeDocument(artifacts, by, { kind: 'registry', repository, name }, change);
      const registry = await listing.registry(name);
      return registry ? { kind: 'updated', value: registry } : absent('registry');
    },
    async deleteRegistry(by, name) {
      const repository = names.registry(name);
      if (!repository || !(await listing.hasRegistry(name))) return absent('registry');
      await artifacts.deleteRepository(by, repository, { below: true });
      return { kind: 'deleted' };
    },

    async listPackages(name) {
      const registry = await listing.registry(name);
      return registry ? found(registry.packages) : absent('registry');
    },
    async getPackage(registry, name) {
      const one = await listing.package(registry, name);
      return one ? found(one) : missing(registry, name);
    },
    async createPackage(by, registry, name, fields) {
      const repository = names.package(registry, name);
      if (!repository) throw new OciError('NAME_INVALID', name);
      if (!(await listing.hasRegistry(registry))) return absent('registry');
      if (await listing.hasPackage(registry, name)) return { kind: 'exists' };
      if (!(await insertDocument(artifacts, by, { kind: 'package', repository, name }, fields)))
        return { kind: 'exists' };
      return { kind: 'created', value: { name, ...fields, versions: [] } };
    },
    async updatePackage(by, registry, name, change) {
      const repository = names.package(registry, name);
      const before = await listing.package(registry, name);
      if (!repository || !before) return missing(registry, name);
      const { description, people, customValues } = before;
      const implied = { description, people, customValues };
      await changeDocument(artifacts, by, { kind: 'package', repository, name }, change, implied);
      const after = await listing.package(registry, name);
      return after ? { kind: 'updated', value: after } : absent('package');
    },
    async deletePackage(by, registry, name) {
      const repository = names.package(registry, name);
      if (!repository || !(await listing.hasPackage(registry, name))) return missing(registry, name);
      await artifacts.deleteRepository(by, repository);
      return { kind: 'deleted' };
    },

    async listVersions(registry, packageName) {
      const one = await listing.package(registry, packageName);
      return one ? found(one.versions) : missing(registry, packageName);
    },
    getVersion,
    createVersion,
    async deleteVersion(by, registry, packageName, version) {
      const known = await getVersion(registry, packageName, version);
      if (known.kind === 'absent') return known;
      const [repository, tag] = [names.package(registry, packageName), tagOfVersion(version)];
      const isDone = repository && tag && (await artifacts.delete(by, repository, tag));
      return isDone ? { kind: 'deleted' } : absent('version');
    },

    async indexStamp(registry) {
      return String((await artifacts.generation(generationKey(names.prefix, registry))).generation);
    },
    async getRegistryIndex(name) {
      // Asked before the list: what is listed is of this generation or a later one.
      const { generation, changedMs } = await artifacts.generation(generationKey(names.prefix, name));
      const registry = await listing.registry(name);
      if (!registry) return undefined;
      return {
        stamp: String(generation),
        changedMs: generation === 0 ? undefined : changedMs,
        versions: listedVersions(registry),
      };
    },
  };
}
