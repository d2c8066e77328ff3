/** A change of the schema. Once released it is never edited: a later one corrects it. */
export interface Migration {
  /** Orders and identifies it. */
  readonly name: string;
  /** The line of versions that brought it, so that an older program can say what it met. */
  readonly version: string;
  /** The statements that bring it, in each engine's words; all migrations are applied in one transaction. */
  readonly sqlite: readonly string[];
  readonly postgres: readonly string[];
}
