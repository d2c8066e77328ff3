/** What a process adds to a count that it shares with others, in the span of time that ends at `endsMs`. */
export interface CountShare {
  /** A hash: whom it is about is nobody's business here. */
  readonly key: string;
  readonly endsMs: number;
  readonly add: number;
}

/** The table of counts that processes share (migrations/0006-limits.ts). */
export interface LimitSchema {
  shared_counts: { ends_ms: number; key: string; count: number };
}

export interface LimitCommands {
  /** Adds to shared counts; answers with what each has come to, in the order of the shares. */
  shareCounts: { args: { readonly shares: readonly CountShare[] }; result: readonly number[] };
  /** Forgets up to `limit` counts whose time was over before `beforeMs`; how many. */
  expireCounts: { args: { readonly beforeMs: number; readonly limit: number }; result: number };
}
