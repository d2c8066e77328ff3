/** Where the operator hears what keeps storage from working, and that it works again: a line each. */
export interface StorageLog {
  info(message: string): void;
  error(message: string): void;
}
