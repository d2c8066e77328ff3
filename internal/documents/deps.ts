/** Where what an operator should know is told. */
export interface DocumentLog {
  warn(message: string, more?: Readonly<Record<string, unknown>>): void;
}

/** What a place needs besides its URI. */
export interface DocumentDeps {
  /** `KEY:SECRET`, `user:password` or a token, as the place takes it. */
  readonly token: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly uuid: () => string;
  readonly log: DocumentLog;
}
