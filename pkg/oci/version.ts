import { findTag, type Tag } from './name.ts';

/** A version of semver 2.0, of which the second and third number may be left out: `1`, `1.2`, `1.2.3-rc.1+b7`. */
export interface Version {
  /** Its three numbers as digits: they may be of any length. */
  readonly numbers: readonly [string, string, string];
  /** How many of them it wrote. */
  readonly written: 1 | 2 | 3;
  /** What stands between `-` and `+`, in its parts; empty of a release. */
  readonly prerelease: readonly string[];
}

const NUMBER = '(0|[1-9][0-9]*)';
const PART = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)';
const BUILD = '[0-9a-zA-Z-]+';
const VERSION = new RegExp(
  `^${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER})?)?(?:-(${PART}(?:\\.${PART})*))?(?:\\+${BUILD}(?:\\.${BUILD})*)?$`,
);
const DIGITS = /^[0-9]+$/;

/** The version in `text`; undefined where it is none (`v1.0.0`, `01.0.0`, `1.0.0.0`, `latest`). */
export function findVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  const [, major = '0', minor, patch, prerelease] = match;
  return {
    numbers: [major, minor ?? '0', patch ?? '0'],
    written: patch !== undefined ? 3 : minor !== undefined ? 2 : 1,
    prerelease: prerelease?.split('.') ?? [],
  };
}

/**
 * Sorts by the precedence of semver, ties (`1` and `1.0.0`, other builds) by text; whatever is no version comes before
 * those, by text.
 */
export function sortVersions<T extends { readonly version: string }>(versions: readonly T[]): T[] {
  return versions
    .map((one) => ({ one, text: one.version, parsed: findVersion(one.version) }))
    .toSorted((a, b) => comparePrecedence(a.parsed, b.parsed) || compareTexts(a.text, b.text))
    .map(({ one }) => one);
}

function comparePrecedence(one: Version | undefined, two: Version | undefined): number {
  if (!one || !two) return Number(one !== undefined) - Number(two !== undefined);
  for (const index of [0, 1, 2] as const) {
    const order = compareNumbers(one.numbers[index], two.numbers[index]);
    if (order !== 0) return order;
  }
  return comparePrereleases(one.prerelease, two.prerelease);
}

/** The tag of a version: `+`, which no tag may hold, is written `_`. Undefined where that makes no tag. */
export function tagOfVersion(version: string): Tag | undefined {
  return findTag(version.replaceAll('+', '_'));
}

/** The version that a tag stands for, if it is one: `_` is read as `+`. `findVersion` says whether it is. */
export function versionOfTag(tag: Tag): string {
  return tag.replaceAll('_', '+');
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0);
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = compareParts(a[at] ?? '', b[at] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareParts(a: string, b: string): number {
  const [isNumber, isOther] = [DIGITS.test(a), DIGITS.test(b)];
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return isNumber ? compareNumbers(a, b) : compareTexts(a, b);
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
