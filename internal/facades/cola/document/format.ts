import { sortVersions } from '../../../../pkg/oci/index.ts';
import type { Package, Registry, Version } from '../store.ts';
import { bareChecksum, LAST_PARTITION, wrongOfChecksum } from '../rules/fields.ts';
import { EVERYBODY } from '../rules/partitions.ts';

/** All registries, by name and in the order of names. */
export type Registries = ReadonlyMap<string, Registry>;

/** What a document says, and what is odd in it: others may have written it. */
export interface Parsed {
  readonly registries: Registries;
  /** For the log, a sentence each. */
  readonly oddities: readonly string[];
}

/** The document cannot be read: it is not to be written over. */
export class DocumentUnreadable extends Error {
  constructor(why: string, cause?: unknown) {
    super(`the document cannot be read: ${why}`, { cause });
    this.name = 'DocumentUnreadable';
  }
}

type Members = Readonly<Record<string, unknown>>;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads `{"registries":{...}}` (cola contract, section 8). What breaks today's rules stays; but what would keep clients
 * from reading the whole index (partitions that are no byte), or make them install a package again and again (the name
 * of another one), is not listed.
 */
export function parseDocument(bytes: Uint8Array): Parsed {
  const oddities: string[] = [];
  const tree = membersOf(parseJson(bytes), 'it');
  const registries = entriesOf(tree['registries'], 'registries').map(([name, value]) =>
    parseRegistry(name, membersOf(value, `registry ${name}`), oddities),
  );
  return { registries: new Map(inOrder(registries).map((registry) => [registry.name, registry])), oddities };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch (cause) {
    throw new DocumentUnreadable(cause instanceof SyntaxError ? cause.message : 'it is no UTF-8', cause);
  }
}

function parseRegistry(name: string, members: Members, oddities: string[]): Registry {
  const packages = entriesOf(members['packages'], `packages of ${name}`).map(([packageName, value]) =>
    parsePackage(name, packageName, membersOf(value, `package ${packageName} of ${name}`), oddities),
  );
  return { name, ...parseDescribed(members, 'admins', name), packages: inOrder(packages) };
}

function parsePackage(registry: string, name: string, members: Members, oddities: string[]): Package {
  const where = `${registry}/${name}`;
  const versions = entriesOf(members['versions'], `versions of ${where}`).map(([version, value]) =>
    parseVersion(name, version, membersOf(value, `version ${version} of ${where}`), `${where} ${version}`, oddities),
  );
  return { name, ...parseDescribed(members, 'maintainers', where), versions: sortVersions(versions) };
}

function parseDescribed(
  members: Members,
  field: 'admins' | 'maintainers',
  where: string,
): Pick<Registry, 'description' | 'people' | 'customValues'> {
  const people = members[field] ?? [];
  if (!Array.isArray(people)) throw new DocumentUnreadable(`the ${field} of ${where} are no list`);
  const customValues = entriesOf(members['custom_values'], `custom values of ${where}`);
  return {
    description: textOf(members['description'], `the description of ${where}`),
    people: people.map((person) => textOf(person, `one of the ${field} of ${where}`)),
    customValues: new Map(customValues.map(([key, value]) => [key, textOf(value, `${key} of ${where}`)])),
  };
}

function parseVersion(
  packageName: string,
  version: string,
  members: Members,
  where: string,
  oddities: string[],
): Version {
  const name = textOf(members['name'] ?? packageName, `the name of ${where}`);
  const written = textOf(members['checksum'], `the checksum of ${where}`);
  const isRight = wrongOfChecksum(written) === undefined;
  const startPartition = partitionOf(members['startPartition'], EVERYBODY.startPartition, where);
  const endPartition = partitionOf(members['endPartition'], EVERYBODY.endPartition, where);
  const isByte = [startPartition, endPartition].every((number) => number >= 0 && number <= LAST_PARTITION);
  if (!isByte) oddities.push(`${where} is left out of the index: clients read partitions from 0 to ${LAST_PARTITION}`);
  if (name !== packageName) oddities.push(`${where} is left out of the index: it names the package "${name}"`);
  if (!isRight) oddities.push(`${where} cannot be installed: its checksum is no SHA-256`);
  return {
    name,
    version,
    checksum: isRight ? bareChecksum(written) : written,
    source: { kind: 'url', url: textOf(members['url'], `the URL of ${where}`) },
    startPartition,
    endPartition,
    createdMs: undefined,
    sizeBytes: undefined,
    digest: undefined,
    isInstallable: undefined,
    warnings: [],
    isListed: isByte && name === packageName,
  };
}

function membersOf(value: unknown, what: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new DocumentUnreadable(`${what} is no object`);
}

/** `null` is how the reference writes a map that is empty. */
function entriesOf(value: unknown, what: string): readonly [string, unknown][] {
  return value === undefined || value === null ? [] : Object.entries(membersOf(value, what));
}

function textOf(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new DocumentUnreadable(`${what} is no text`);
}

function partitionOf(value: unknown, usual: number, where: string): number {
  if (value === undefined || value === null) return usual;
  if (Number.isSafeInteger(value)) return value as number;
  throw new DocumentUnreadable(`a partition of ${where} is no whole number`);
}

const inOrder = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The document as the reference writes and reads it: two spaces of indentation, six fields a version. */
export function formatDocument(registries: Registries): Uint8Array {
  const tree = Object.fromEntries(
    [...registries.values()].map((registry) => [
      registry.name,
      {
        ...describedJson(registry, 'admins'),
        packages: Object.fromEntries(registry.packages.map((one) => [one.name, packageJson(one)])),
      },
    ]),
  );
  return Buffer.from(JSON.stringify({ registries: tree }, undefined, 2));
}

function packageJson(one: Package): object {
  const versions = Object.fromEntries(one.versions.map((version) => [version.version, versionJson(version)]));
  return { ...describedJson(one, 'maintainers'), versions };
}

function describedJson({ name, description, people, customValues }: Registry | Package, field: string): object {
  return {
    name,
    description,
    ...(people.length > 0 && { [field]: people }),
    ...(customValues.size > 0 && { custom_values: Object.fromEntries(customValues) }),
  };
}

function versionJson({ name, version, checksum, source, startPartition, endPartition }: Version): object {
  const url = source.kind === 'url' ? source.url : '';
  return { name, version, checksum, url, startPartition, endPartition };
}
