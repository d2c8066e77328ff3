import { sortVersions } from '../../../../pkg/oci/index.ts';
import { findOverlap } from '../rules/partitions.ts';
import type {
  Absent,
  Change,
  Created,
  Deleted,
  Described,
  Found,
  NewVersion,
  NoContent,
  Overlap,
  Package,
  Registry,
  Updated,
  Version,
} from '../store.ts';
import type { Registries } from './format.ts';

/** What a change comes to: what its caller is told, and all registries after it; undefined: nothing changes. */
export interface Decision<Outcome> {
  readonly outcome: Outcome;
  readonly next: Registries | undefined;
}

const ABSENT = {
  registry: { kind: 'absent', what: 'registry' },
  package: { kind: 'absent', what: 'package' },
  version: { kind: 'absent', what: 'version' },
} as const satisfies Record<string, Absent>;

const refuse = <Outcome>(outcome: Outcome): Decision<Outcome> => ({ outcome, next: undefined });

export function findRegistry(all: Registries, name: string): Found<Registry> {
  const value = all.get(name);
  return value ? { kind: 'found', value } : ABSENT.registry;
}

export function findPackage(all: Registries, registry: string, name: string): Found<Package> {
  const found = findRegistry(all, registry);
  if (found.kind === 'absent') return found;
  const value = found.value.packages.find((one) => one.name === name);
  return value ? { kind: 'found', value } : ABSENT.package;
}

export function findVersion(all: Registries, registry: string, packageName: string, version: string): Found<Version> {
  const found = findPackage(all, registry, packageName);
  if (found.kind === 'absent') return found;
  const value = found.value.versions.find((one) => one.version === version);
  return value ? { kind: 'found', value } : ABSENT.version;
}

export function createRegistry(all: Registries, name: string, fields: Described): Decision<Created<Registry>> {
  if (all.has(name)) return refuse({ kind: 'exists' });
  const value: Registry = { name, ...fields, packages: [] };
  return { outcome: { kind: 'created', value }, next: withRegistry(all, value) };
}

export function updateRegistry(all: Registries, name: string, change: Change): Decision<Updated<Registry>> {
  const found = findRegistry(all, name);
  if (found.kind === 'absent') return refuse(found);
  const value: Registry = { ...found.value, ...change };
  return { outcome: { kind: 'updated', value }, next: withRegistry(all, value) };
}

export function deleteRegistry(all: Registries, name: string): Decision<Deleted> {
  if (!all.has(name)) return refuse(ABSENT.registry);
  return { outcome: { kind: 'deleted' }, next: new Map([...all].filter(([other]) => other !== name)) };
}

export function createPackage(
  all: Registries,
  registry: string,
  name: string,
  fields: Described,
): Decision<Created<Package> | Absent> {
  const found = findRegistry(all, registry);
  if (found.kind === 'absent') return refuse(found);
  if (findPackage(all, registry, name).kind === 'found') return refuse({ kind: 'exists' });
  const value: Package = { name, ...fields, versions: [] };
  return { outcome: { kind: 'created', value }, next: withPackage(all, found.value, value) };
}

export function updatePackage(
  all: Registries,
  registry: string,
  name: string,
  change: Change,
): Decision<Updated<Package>> {
  const [holder, found] = [all.get(registry), findPackage(all, registry, name)];
  if (found.kind === 'absent' || !holder) return refuse(found.kind === 'absent' ? found : ABSENT.registry);
  const value: Package = { ...found.value, ...change };
  return { outcome: { kind: 'updated', value }, next: withPackage(all, holder, value) };
}

export function deletePackage(all: Registries, registry: string, name: string): Decision<Deleted> {
  const found = findRegistry(all, registry);
  if (found.kind === 'absent') return refuse(found);
  const packages = found.value.packages.filter((one) => one.name !== name);
  if (packages.length === found.value.packages.length) return refuse(ABSENT.package);
  return { outcome: { kind: 'deleted' }, next: withRegistry(all, { ...found.value, packages }) };
}

export interface VersionRules {
  /** Whether two versions of a package may not be for the same partitions. */
  readonly refusesOverlaps: boolean;
}

export function createVersion(
  all: Registries,
  registry: string,
  packageName: string,
  asked: NewVersion,
  { refusesOverlaps }: VersionRules,
): Decision<Created<Version> | Absent | Overlap | NoContent> {
  const [holder, found] = [all.get(registry), findPackage(all, registry, packageName)];
  if (found.kind === 'absent' || !holder) return refuse(found.kind === 'absent' ? found : ABSENT.registry);
  const { versions } = found.value;
  if (versions.some(({ version }) => version === asked.version)) return refuse({ kind: 'exists' });
  // The document keeps no bytes: there is nothing that a version without a URL could be of.
  if (asked.url === undefined) return refuse({ kind: 'noContent' });
  const other = refusesOverlaps ? findOverlap(asked, versions) : undefined;
  if (other) return refuse({ kind: 'overlap', with: other.version });
  const value: Version = {
    name: packageName,
    version: asked.version,
    checksum: asked.checksum,
    source: { kind: 'url', url: asked.url },
    startPartition: asked.startPartition,
    endPartition: asked.endPartition,
    createdMs: undefined,
    sizeBytes: undefined,
    digest: undefined,
    isInstallable: undefined,
    warnings: [],
    isListed: true,
  };
  const changed = { ...found.value, versions: sortVersions([...versions, value]) };
  return { outcome: { kind: 'created', value }, next: withPackage(all, holder, changed) };
}

export function deleteVersion(
  all: Registries,
  registry: string,
  packageName: string,
  version: string,
): Decision<Deleted> {
  const [holder, found] = [all.get(registry), findPackage(all, registry, packageName)];
  if (found.kind === 'absent' || !holder) return refuse(found.kind === 'absent' ? found : ABSENT.registry);
  const versions = found.value.versions.filter((one) => one.version !== version);
  if (versions.length === found.value.versions.length) return refuse(ABSENT.version);
  return { outcome: { kind: 'deleted' }, next: withPackage(all, holder, { ...found.value, versions }) };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

/** With a registry new or changed; all others are the very same objects. */
function withRegistry(all: Registries, registry: Registry): Registries {
  if (all.has(registry.name)) return new Map([...all, [registry.name, registry]]);
  return new Map([...all.values(), registry].toSorted(byName).map((one) => [one.name, one]));
}

function withPackage(all: Registries, registry: Registry, changed: Package): Registries {
  const others = registry.packages.filter(({ name }) => name !== changed.name);
  return withRegistry(all, { ...registry, packages: [...others, changed].toSorted(byName) });
}
