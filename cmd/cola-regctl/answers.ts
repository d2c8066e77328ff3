/** What the server answers of a registry, a package or a version, as far as it is shown. Strangers' data: all may be missing. */
export interface Shown {
  readonly name: string;
  readonly description: string;
  readonly people: readonly string[];
  readonly customValues: readonly string[];
  /** How many packages or versions it has. */
  readonly count: number;
}

export interface ShownVersion {
  readonly version: string;
  readonly checksum: string;
  readonly url: string;
  readonly partitions: string;
}

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const numberOf = (value: unknown, usual: number): number => (typeof value === 'number' ? value : usual);

/** The members of a list; an answer that is none has none. */
export const listOf = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : []);

export function shown(answer: unknown): Shown {
  const members = membersOf(answer);
  const nested = membersOf(members['packages'] ?? members['versions']);
  const count = members['package_count'] ?? members['version_count'];
  return {
    name: textOf(members['name']),
    description: textOf(members['description']),
    people: textsOf(members['admins'] ?? members['maintainers']),
    customValues: Object.entries(membersOf(members['custom_values'])).map(([key, value]) => `${key}: ${textOf(value)}`),
    count: typeof count === 'number' ? count : Object.keys(nested).length,
  };
}

export function shownVersion(answer: unknown): ShownVersion {
  const { version, checksum, url, startPartition, endPartition } = membersOf(answer);
  return {
    version: textOf(version),
    checksum: textOf(checksum),
    url: textOf(url),
    partitions: `${numberOf(startPartition, 0)}-${numberOf(endPartition, 9)}`,
  };
}

export const usernameOf = (answer: unknown): string => textOf(membersOf(answer)['username']);
/** A field that is text or a number, as text; else nothing. */
export function fieldOf(answer: unknown, name: string): string {
  const value = membersOf(answer)[name];
  return typeof value === 'number' ? String(value) : textOf(value);
}
