/** Where the operator hears what keeps the catalog from working, and that it works again: a line each. */
export interface CatalogLog {
  info(message: string): void;
  error(message: string): void;
}
