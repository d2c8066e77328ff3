import type { Change, Described, NewVersion, Partitions } from '../store.ts';
import {
  bareChecksum,
  wrongOfChecksum,
  wrongOfCustomValues,
  wrongOfDescription,
  wrongOfName,
  wrongOfPartition,
  wrongOfPeople,
  wrongOfUrl,
  wrongOfVersion,
} from './fields.ts';
import { Invalid, refuse } from './invalid.ts';
import { EVERYBODY } from './partitions.ts';

/** Registries and packages differ in what they call their people. */
export type Kind = 'registry' | 'package';
const PEOPLE = { registry: 'admins', package: 'maintainers' } as const;
const TITLES = { registry: 'Registry', package: 'Package' } as const;

type Json = Readonly<Record<string, unknown>>;

const unreadable = (): Invalid => new Invalid('Invalid JSON in request body');

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The object in a body, whatever its Content-Type says. */
export function parseBody(bytes: Uint8Array): Json {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // Below: the reader's own words tell nobody anything.
  }
  throw unreadable();
}

/** Of wrong types a body is as unreadable as one of bad syntax. `null` is as if it were not there. */
function text(body: Json, field: string): string | undefined {
  const value = body[field] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw unreadable();
  return value;
}

function texts(body: Json, field: string): readonly string[] | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw unreadable();
  return value;
}

function textMap(body: Json, field: string): ReadonlyMap<string, string> | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw unreadable();
  const entries = Object.entries(value as Json);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) throw unreadable();
  return new Map(entries);
}

function number(body: Json, field: string): number | undefined {
  const value = body[field] ?? undefined;
  if (value !== undefined && typeof value !== 'number') throw unreadable();
  return value;
}

function describedOf(body: Json, kind: Kind): Change {
  const description = text(body, 'description');
  const people = texts(body, PEOPLE[kind]);
  const customValues = textMap(body, 'custom_values');
  return {
    ...(description !== undefined && { description }),
    ...(people && { people }),
    ...(customValues && { customValues }),
  };
}

function refuseDescribed({ description = '', people = [], customValues = new Map() }: Change, kind: Kind): void {
  refuse(wrongOfDescription(description));
  refuse(wrongOfCustomValues(customValues));
  refuse(wrongOfPeople(people, PEOPLE[kind]));
}

/** What a POST of a registry or a package asks for. What is nested in it is not looked at. */
export function parseNew(body: Json, kind: Kind): { readonly name: string; readonly fields: Described } {
  const name = text(body, 'name') ?? '';
  const fields = { description: '', people: [], customValues: new Map<string, string>(), ...describedOf(body, kind) };
  refuse(wrongOfName(name));
  refuseDescribed(fields, kind);
  return { name, fields };
}

/** What a PUT changes of the one that the path names: what is absent stays, `null` clears. */
export function parseChange(body: Json, kind: Kind, pathName: string): Change {
  const name = text(body, 'name');
  const given = describedOf(body, kind);
  if (name !== undefined && name !== pathName) {
    throw new Invalid(`${TITLES[kind]} name in URL must match name in body`);
  }
  refuseDescribed(given, kind);
  return {
    ...(body['description'] === null && { description: '' }),
    ...(body[PEOPLE[kind]] === null && { people: [] }),
    ...(body['custom_values'] === null && { customValues: new Map() }),
    ...given,
  };
}

/** A version to be published in the package that the path names. An empty URL is none. */
export function parseNewVersion(body: Json, packageName: string): NewVersion {
  const given = {
    name: text(body, 'name'),
    version: text(body, 'version') ?? '',
    checksum: text(body, 'checksum') ?? '',
    url: text(body, 'url') || undefined,
    startPartition: number(body, 'startPartition') ?? EVERYBODY.startPartition,
    endPartition: number(body, 'endPartition') ?? EVERYBODY.endPartition,
  };
  if (given.name !== undefined && given.name !== packageName) {
    throw new Invalid('Package name in URL must match name in body');
  }
  refuse(wrongOfVersion(given.version));
  refuse(wrongOfChecksum(given.checksum));
  if (given.url !== undefined) refuse(wrongOfUrl(given.url));
  refuse(wrongOfPartition(given.startPartition, 'startPartition'));
  refuse(wrongOfPartition(given.endPartition, 'endPartition'));
  const { version, checksum, url, startPartition, endPartition } = given;
  return { version, checksum: bareChecksum(checksum), url, startPartition, endPartition };
}

/** How bytes are to be published, as a query or a form says it: all of it text. */
export interface NewContent extends Partitions {
  readonly version: string;
  readonly createsPackage: boolean;
  readonly isChecked: boolean;
}

/** `pathVersion`: the version, where the path names it. */
export function parseNewContent(
  given: ReadonlyMap<string, string>,
  pathVersion: string | undefined,
  packageName?: string,
): NewContent {
  const [name, version] = [given.get('name'), given.get('version')];
  if (packageName !== undefined && name !== undefined && name !== packageName) {
    throw new Invalid('Package name in URL must match name in body');
  }
  if (pathVersion !== undefined && version !== undefined && version !== pathVersion) {
    throw new Invalid('Version in URL must match version in body');
  }
  refuse(wrongOfVersion(pathVersion ?? version ?? ''));
  return {
    version: pathVersion ?? version ?? '',
    startPartition: partitionOf(given, 'startPartition'),
    endPartition: partitionOf(given, 'endPartition'),
    createsPackage: flagOf(given, 'create', false),
    isChecked: flagOf(given, 'validate', true),
  };
}

function partitionOf(given: ReadonlyMap<string, string>, field: 'startPartition' | 'endPartition'): number {
  const value = given.get(field);
  if (value === undefined || value === '') return EVERYBODY[field];
  const partition = /^-?\d{1,15}(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  refuse(wrongOfPartition(partition, field));
  return partition;
}

function flagOf(given: ReadonlyMap<string, string>, field: string, usual: boolean): boolean {
  const value = given.get(field) ?? String(usual);
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw new Invalid(`${field} must be true or false`, field);
}
