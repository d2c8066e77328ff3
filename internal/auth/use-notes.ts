/** When things were last used, gathered in memory: never a write for each request. */
export interface UseNotes {
  note(name: string): void;
  /** Writes what was gathered; to be called before the catalog closes. */
  flush(): Promise<void>;
}

export interface UseNotesDeps {
  readonly write: (uses: readonly { readonly name: string; readonly timeMs: number }[]) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const FLUSH_MS = 60_000;
const MOST = 10_000;

export function createUseNotes({ write, clock }: UseNotesDeps): UseNotes {
  let gathered = new Map<string, number>();
  let flushedMs = clock();

  async function flush(): Promise<void> {
    const uses = [...gathered].map(([name, timeMs]) => ({ name, timeMs }));
    gathered = new Map();
    flushedMs = clock();
    // For people to see: what cannot be written just now is not worth keeping.
    if (uses.length > 0) await write(uses).catch(() => undefined);
  }

  return {
    note: (name) => {
      gathered.set(name, clock());
      if (gathered.size >= MOST || clock() - flushedMs >= FLUSH_MS) void flush();
    },
    flush,
  };
}
