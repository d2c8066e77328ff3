import type { Tag } from '../../../pkg/oci/index.ts';

const RELEASE = /^v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/** The numbers of a release, as `1.2.3` or `v1.2.3`; undefined for anything else, pre-releases too. */
function findRelease(tag: Tag): readonly number[] | undefined {
  return RELEASE.exec(tag)?.slice(1).map(Number);
}

/** The releases among the tags, highest first. */
export function releasesOf(tags: readonly Tag[]): readonly Tag[] {
  return tags
    .flatMap((tag) => {
      const numbers = findRelease(tag);
      return numbers ? [{ tag, numbers }] : [];
    })
    .toSorted((a, b) => compare(b.numbers, a.numbers))
    .map(({ tag }) => tag);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
