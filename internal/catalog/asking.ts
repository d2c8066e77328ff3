/** Who asked for a change and through which request: goes into the log of changes with it. */
export interface Origin {
  /** The principal's name; `anonymous` where nobody signed in. */
  readonly principal: string;
  /** The client's address. */
  readonly address: string;
  readonly requestId: string;
}

/** What every command is told besides its own arguments. */
export interface By {
  readonly by: Origin;
  /** Milliseconds since 1970, from the caller's clock. */
  readonly nowMs: number;
}

/** Pages by key: at most `limit` rows that come after `after` in byte order. */
export interface PageOf<Key> {
  readonly after?: Key | undefined;
  readonly limit: number;
}
