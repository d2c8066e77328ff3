/** A change of the schema. Once released it is never edited: a later one corrects it. */
export interface Migration {
  /** Orders and identifies it. */
  readonly name: string;
  /** The line of versions that brought it, so that an older program can say what it met. */
  readonly version: string;
  readonly sqlite: readonly string[];
}
