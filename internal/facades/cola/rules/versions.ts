import { comparePrecedence, findVersion } from '../../../../pkg/oci/index.ts';

/** A version is a tag. */
const LONGEST_VERSION = 128;

/** Whether it is a semantic version, or a short form of one: `1`, `1.2`. */
export const isVersion = (text: string): boolean => text.length <= LONGEST_VERSION && findVersion(text) !== undefined;

/** In ascending order: of semantic versions (semver 2.0, section 11), and of their text where that takes them for the same. */
export function sortVersions<T extends { readonly version: string }>(versions: readonly T[]): T[] {
  const keyed = versions.map((one) => ({ one, text: one.version, key: findVersion(one.version) }));
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  // What is no version may stand in a document that others wrote: it comes first.
  keyed.sort((a, b) => {
    const order =
      a.key && b.key ? comparePrecedence(a.key, b.key) : Number(a.key !== undefined) - Number(b.key !== undefined);
    return order || byText(a.text, b.text);
  });
  return keyed.map(({ one }) => one);
}

/** Whether one is a pre-release of the other, which is none. */
export function isPrereleaseOf(version: string, release: string): boolean {
  const [a, b] = [findVersion(version), findVersion(release)];
  if (!a || !b || a.prerelease.length === 0 || b.prerelease.length > 0) return false;
  return a.numbers.every((number, at) => number === b.numbers[at]);
}
