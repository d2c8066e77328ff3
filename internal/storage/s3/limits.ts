/** What S3 takes, and what this driver makes of it. */
export interface Limits {
  /** Parts are sent in this size: the memory that an upload needs is a few of these. */
  readonly partBytes: number;
  /** A first write of up to this is kept as it is, with no buffer of a part: most uploads bring no more. */
  readonly smallBytes: number;
  /** S3 takes no smaller part, the last one apart. */
  readonly leastPartBytes: number;
  /** S3 takes no more parts of one object. */
  readonly mostParts: number;
  /** Up to this an object is copied with one call; a larger one in parts, which S3 does side by side. */
  readonly wholeCopyBytes: number;
  /** Parts are copied in this size, or in a larger one where there would be too many. S3 takes up to 5 GiB. */
  readonly partCopyBytes: number;
  /** An upload that is in more pieces than this has some of them put together. */
  readonly mostPieces: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS: Limits = {
  partBytes: 8 * MIB,
  smallBytes: 256 * KIB,
  leastPartBytes: 5 * MIB,
  mostParts: 10_000,
  wholeCopyBytes: 1024 * MIB,
  partCopyBytes: 256 * MIB,
  mostPieces: 1024,
};

/** How large the parts of a copy are, so that there are not too many: half of them are left for what is not copied. */
export function partCopyBytes({ partCopyBytes: usual, mostParts }: Limits, sizeBytes: number): number {
  return Math.max(usual, Math.ceil(sizeBytes / (mostParts / 2)));
}
