import { findVersion } from '../../../../pkg/oci/index.ts';

/** A version is a tag. */
const LONGEST_VERSION = 128;

/** Whether it is a semantic version, or a short form of one: `1`, `1.2`. */
export const isVersion = (text: string): boolean => text.length <= LONGEST_VERSION && findVersion(text) !== undefined;

/** Whether one is a pre-release of the other, which is none. */
export function isPrereleaseOf(version: string, release: string): boolean {
  const [a, b] = [findVersion(version), findVersion(release)];
  if (!a || !b || a.prerelease.length === 0 || b.prerelease.length > 0) return false;
  return a.numbers.every((number, at) => number === b.numbers[at]);
}
