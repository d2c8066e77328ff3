/** What S3 takes, and what this driver makes of it. */
export interface Limits {
  /** Parts are sent in this size: the memory that an upload needs is a few of these. S3 takes 5 MiB and more. */
  readonly partBytes: number;
  /** A first write of up to this is kept as it is, with no buffer of a part: most uploads bring no more. */
  readonly smallBytes: number;
  /** S3 takes no smaller part, the last one apart. */
  readonly leastPartBytes: number;
  /**
   * So many parts are sent of one object, and about so many copied. S3 takes 10,000, but services that keep the list of
   * parts in an attribute of a file take some hundreds. A longer upload comes in several pieces.
   */
  readonly mostParts: number;
  /** What goes straight to its place, and so in one piece, may have parts so many times as large. */
  readonly mostBuffersPerPart: number;
  /** Up to this an object is copied with one call; a larger one in parts, which S3 does side by side. */
  readonly wholeCopyBytes: number;
  /** Parts are copied in this size, or in a larger one where there would be too many. */
  readonly leastCopyBytes: number;
  /** S3 copies no larger part. */
  readonly mostCopyBytes: number;
  /** An upload that is in more pieces than this has some of them put together. */
  readonly mostPieces: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export const LIMITS: Limits = {
  partBytes: 8 * MIB,
  smallBytes: 256 * KIB,
  leastPartBytes: 5 * MIB,
  mostParts: 512,
  mostBuffersPerPart: 4,
  wholeCopyBytes: GIB,
  leastCopyBytes: 256 * MIB,
  mostCopyBytes: 5 * GIB,
  mostPieces: 1024,
};

/** How large the parts of a copy are. */
export function copyBytes({ leastCopyBytes, mostCopyBytes, mostParts }: Limits, sizeBytes: number): number {
  return Math.min(mostCopyBytes, Math.max(leastCopyBytes, Math.ceil(sizeBytes / mostParts)));
}

/** How many buffers make a part of what goes straight to its place; undefined where it is too large for that. */
export function buffersPerPart(limits: Limits, sizeBytes: number): number | undefined {
  const buffers = Math.max(1, Math.ceil(sizeBytes / (limits.partBytes * limits.mostParts)));
  return buffers <= limits.mostBuffersPerPart ? buffers : undefined;
}
