import { OciError } from '../../../../pkg/oci/index.ts';
import type { Origin, UploadBody } from '../../../registry/index.ts';
import { isName, wrongOfUrl } from '../rules/fields.ts';
import { isVersion } from '../rules/versions.ts';
import type { ColaContents, ColaStore, Package, Registry, Version } from '../store.ts';

/** What became of registries, packages and versions that were copied. */
export interface Copied {
  readonly registries: number;
  readonly packages: number;
  readonly versions: number;
  /** Of those versions: whose bytes were fetched and are kept. */
  readonly fetched: number;
  /** Versions that were there already. */
  readonly kept: number;
  /** Versions, and what holds some, that could not be copied. */
  readonly failed: number;
}

export interface CopyOptions {
  readonly to: ColaStore;
  readonly contents: ColaContents;
  readonly by: Origin;
  /** Brings what is behind a URL; undefined: versions keep their URLs. Throws where it cannot be had. */
  readonly fetchContent: ((url: string) => Promise<UploadBody>) | undefined;
  /** Told of each that could not be copied: `ops/rollback 2.4.1`, and why. */
  readonly onFailure: (what: string, why: string) => void;
  /** Told of each version that is done, whatever became of it. */
  readonly onVersion: () => void;
}

/**
 * Copies registries with all they hold. What is there already stays as it is, so that a copy can be repeated; a version
 * that is there with another checksum is a failure, and one that has no bytes yet gets them where they are fetched.
 */
export async function copyRegistries(from: readonly Registry[], options: CopyOptions): Promise<Copied> {
  const { to, contents, by, fetchContent, onFailure, onVersion } = options;
  const sums = { registries: 0, packages: 0, versions: 0, fetched: 0, kept: 0, failed: 0 };

  function fail(what: string, why: string): void {
    sums.failed += 1;
    onFailure(what, why);
  }

  async function copyRegistry(registry: Registry): Promise<void> {
    if (!isName(registry.name)) return fail(registry.name, 'it is no name of a registry');
    const { name, description, people, customValues, packages } = registry;
    const made = await to.createRegistry(by, name, { description, people, customValues });
    if (made.kind === 'created') sums.registries += 1;
    for (const one of packages) await copyPackage(name, one);
  }

  async function copyPackage(registry: string, one: Package): Promise<void> {
    const { name, description, people, customValues, versions } = one;
    if (!isName(name)) return fail(`${registry}/${name}`, 'it is no name of a package');
    const made = await to.createPackage(by, registry, name, { description, people, customValues });
    if (made.kind === 'created') sums.packages += 1;
    for (const version of versions) {
      const why = await attempt(() => copyVersion(registry, name, version));
      if (why !== undefined) fail(`${registry}/${name} ${version.version}`, why);
      onVersion();
    }
  }

  /** Why it could not be copied; undefined where it was, or is there. */
  async function copyVersion(registry: string, name: string, version: Version): Promise<string | undefined> {
    const wrong = wrongOf(name, version);
    if (wrong !== undefined) return wrong;
    const before = await to.getVersion(registry, name, version.version);
    if (before.kind === 'found') {
      if (before.value.checksum !== version.checksum) return 'it is there with another checksum';
      if (!fetchContent || before.value.source.kind === 'oci') {
        sums.kept += 1;
        return undefined;
      }
    }
    const url = version.source.kind === 'url' ? version.source.url : '';
    return fetchContent
      ? publishContent(await fetchContent(url), registry, name, version, before.kind === 'found')
      : publishUrl(url, registry, name, version);
  }

  async function publishUrl(
    url: string,
    registry: string,
    name: string,
    version: Version,
  ): Promise<string | undefined> {
    const { checksum, startPartition, endPartition } = version;
    const asked = { version: version.version, checksum, url, startPartition, endPartition };
    const made = await to.createVersion(by, registry, name, asked);
    if (made.kind !== 'created') return `the registry says ${made.kind}`;
    sums.versions += 1;
    return undefined;
  }

  async function publishContent(
    body: UploadBody,
    registry: string,
    name: string,
    version: Version,
    isThere: boolean,
  ): Promise<string | undefined> {
    const { version: number, checksum, startPartition, endPartition } = version;
    const content = await contents.receive(by, registry, name, body, checksum);
    // The bytes are here and right before what names their URL goes: readers of the index miss it for a moment only.
    if (isThere) await to.deleteVersion(by, registry, name, number);
    const made = await contents.publish(by, {
      registry,
      packageName: name,
      version: number,
      content,
      createsPackage: false,
      isChecked: false,
      startPartition,
      endPartition,
    });
    if (made.kind !== 'created') return `the registry says ${made.kind}`;
    sums.versions += 1;
    sums.fetched += 1;
    return undefined;
  }

  for (const registry of from) await copyRegistry(registry);
  return sums;
}

function wrongOf(name: string, version: Version): string | undefined {
  if (version.name !== name) return `it names the package "${version.name}"`;
  if (!isVersion(version.version)) return 'it is no version';
  if (!version.isListed) return 'clients read partitions from 0 to 255';
  if (!/^[0-9a-f]{64}$/.test(version.checksum)) return 'its checksum is no SHA-256';
  return version.source.kind === 'url' ? wrongOfUrl(version.source.url)?.error : undefined;
}

/** What can go wrong with one version alone is told, and the others go on; trouble of the stores ends the copy. */
async function attempt(copy: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await copy();
  } catch (error) {
    if (error instanceof FetchFailed) return error.message;
    if (error instanceof OciError && error.code === 'DIGEST_INVALID') return 'what its URL gives has another checksum';
    throw error;
  }
}

/** What a URL names cannot be had. */
export class FetchFailed extends Error {
  constructor(why: string, cause?: unknown) {
    super(why, { cause });
    this.name = 'FetchFailed';
  }
}
