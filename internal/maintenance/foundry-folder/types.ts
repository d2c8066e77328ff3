/** A version as the reference server of Foundry keeps it: a row of its database (foundry contract, section 6). */
export interface FoundryRow {
  /** Names as they stand there: the reference server checks nothing. */
  readonly package: string;
  readonly version: string;
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** RFC 3339 in UTC, to the nanosecond where it was so. */
  readonly uploadedAt: string;
}

/** A data folder of the reference server, which is only read. */
export interface FoundryFolder {
  /** How many versions there are. */
  readonly count: number;
  /** All versions, in the order in which they came. */
  rows(): Iterable<FoundryRow>;
  /** The bytes of a blob, from the beginning; undefined where it is not there. */
  openBlob(hash: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  close(): void;
}

/** A data folder for the reference server, in the making. */
export interface NewFoundryFolder {
  /** Keeps the bytes, if they are not there. Rejects where the content is not what its hash says. */
  putBlob(hash: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** After its blob; in the order in which versions are to be numbered. */
  addRow(row: FoundryRow): void;
  /** What was added is whole. */
  close(): void;
}
