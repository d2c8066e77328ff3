/** What command-launcher would find in a package. It installs what has no reasons against it. */
export interface Inspection {
  /** As its manifest says; undefined where that cannot be read. */
  readonly packageName: string | undefined;
  readonly version: string | undefined;
  /** Why it would not be installed, for people; a few of them. */
  readonly reasons: readonly string[];
}

/** Reads bytes `start` to `end`, both inclusive. */
export type ReadRange = (range: { readonly start: number; readonly end: number }) => AsyncIterable<Uint8Array>;
