import type { Package, Registry, Version } from '../store.ts';

/** The URL under which a client gets a version's bytes. */
export type UrlOf = (version: Version) => string;

// Objects are written by hand where their order is promised: an engine puts keys that look like numbers ("2") first.
const object = (members: readonly (readonly [string, string])[]): string =>
  `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;

const customValues = (values: ReadonlyMap<string, string>): [string, string][] =>
  values.size === 0 ? [] : [['custom_values', object([...values].map(([key, value]) => [key, JSON.stringify(value)]))]];

const people = (field: string, names: readonly string[]): [string, string][] =>
  names.length === 0 ? [] : [[field, JSON.stringify(names)]];

/** The six fields that a client reads, as index.json has them. */
export function entryJson(version: Version, url: string, checksumPrefix = ''): string {
  const { name, version: number, checksum, startPartition, endPartition } = version;
  return JSON.stringify({
    name,
    version: number,
    checksum: `${checksumPrefix}${checksum}`,
    url,
    startPartition,
    endPartition,
  });
}

export function versionJson(version: Version, urlOf: UrlOf): string {
  const { createdMs, sizeBytes, digest, source, isInstallable, warnings } = version;
  const more = JSON.stringify({
    created_at: createdMs === undefined ? null : new Date(createdMs).toISOString(),
    size: sizeBytes ?? null,
    digest: digest ?? null,
    source: source.kind,
    installable: isInstallable ?? null,
    warnings,
  });
  return `${entryJson(version, urlOf(version)).slice(0, -1)},${more.slice(1)}`;
}

export function packageJson(one: Package, urlOf: UrlOf): string {
  return object([
    ['name', JSON.stringify(one.name)],
    ['description', JSON.stringify(one.description)],
    ...people('maintainers', one.people),
    ...customValues(one.customValues),
    ['versions', object(one.versions.map((version) => [version.version, versionJson(version, urlOf)]))],
    ['version_count', String(one.versions.length)],
  ]);
}

export function registryJson(registry: Registry, urlOf: UrlOf): string {
  return object([
    ['name', JSON.stringify(registry.name)],
    ['description', JSON.stringify(registry.description)],
    ...people('admins', registry.people),
    ...customValues(registry.customValues),
    ['packages', object(registry.packages.map((one) => [one.name, packageJson(one, urlOf)]))],
    ['package_count', String(registry.packages.length)],
  ]);
}

export const listJson = (members: readonly string[]): string => `[${members.join(',')}]`;
