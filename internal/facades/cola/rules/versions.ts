const IDENTIFIER = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)';
const NUMBER = '(0|[1-9][0-9]*)';
/** Semantic versions, and their short forms `1` and `1.2`. */
const VERSION = new RegExp(
  String.raw`^${NUMBER}(?:\.${NUMBER}(?:\.${NUMBER})?)?(?:-(${IDENTIFIER}(?:\.${IDENTIFIER})*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$`,
);
/** A version is a tag. */
const LONGEST_VERSION = 128;

export const isVersion = (text: string): boolean => text.length <= LONGEST_VERSION && VERSION.test(text);

interface Parsed {
  readonly numbers: readonly string[];
  /** Undefined for a release. */
  readonly prerelease: readonly string[] | undefined;
}

function parse(version: string): Parsed {
  const [, major = '0', minor = '0', patch = '0', prerelease] = VERSION.exec(version) ?? [];
  return { numbers: [major, minor, patch], prerelease: prerelease?.split('.') };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Digits without leading zeros, of any length. */
const byNumber = (a: string, b: string): number => a.length - b.length || byText(a, b);

function byIdentifier(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (isNumberA && isNumberB) return byNumber(a, b);
  return isNumberA ? -1 : isNumberB ? 1 : byText(a, b);
}

function byPrerelease(a: readonly string[] | undefined, b: readonly string[] | undefined): number {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  for (const [at, one] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    const order = byIdentifier(one, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function byParsed(a: Parsed, b: Parsed): number {
  for (const [at, number] of a.numbers.entries()) {
    const order = byNumber(number, b.numbers[at] ?? '0');
    if (order !== 0) return order;
  }
  return byPrerelease(a.prerelease, b.prerelease);
}

/** The order of semantic versions (semver 2.0, section 11); what that takes for the same is in the order of its text. */
export const compareVersions = (a: string, b: string): number => byParsed(parse(a), parse(b)) || byText(a, b);

/** In ascending order, each parsed once. */
export function sortVersions<T extends { readonly version: string }>(versions: readonly T[]): T[] {
  const keyed = versions.map((one) => ({ one, key: parse(one.version) }));
  keyed.sort((a, b) => byParsed(a.key, b.key) || byText(a.one.version, b.one.version));
  return keyed.map(({ one }) => one);
}

/** Whether one is a pre-release of the other, which is none. */
export function isPrereleaseOf(version: string, release: string): boolean {
  const [a, b] = [parse(version), parse(release)];
  return a.prerelease !== undefined && b.prerelease === undefined && a.numbers.every((n, at) => n === b.numbers[at]);
}

export const isPrerelease = (version: string): boolean => parse(version).prerelease !== undefined;
