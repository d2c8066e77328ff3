import type { Digest } from '../../pkg/oci/index.ts';

/** Immutable content by digest in bounded memory; what was not used lately goes first. */
export interface ContentCache<Problem> {
  /** The bytes from memory, else from `load`, which several callers at once share. A problem is not remembered. */
  get(digest: Digest, load: () => Promise<Uint8Array | Problem>): Promise<Uint8Array | Problem>;
  /** The bytes if they are in memory. */
  peek(digest: Digest): Uint8Array | undefined;
  readonly usedBytes: number;
}

/** What an entry costs besides its bytes: key, list node, buffer object. */
const ENTRY_BYTES = 256;

interface Entry {
  readonly bytes: Uint8Array;
  /** Since it was last passed over: to note that costs less than to move the entry. */
  wasUsed: boolean;
}

export function createContentCache<Problem extends string>(limitBytes: number): ContentCache<Problem> {
  const entries = new Map<Digest, Entry>(); // who is to go next comes first
  const loading = new Map<Digest, Promise<Uint8Array | Problem>>();
  let usedBytes = 0;

  function peek(digest: Digest): Uint8Array | undefined {
    const entry = entries.get(digest);
    if (!entry) return undefined;
    entry.wasUsed = true;
    return entry.bytes;
  }

  function keep(digest: Digest, bytes: Uint8Array): void {
    const cost = bytes.length + ENTRY_BYTES;
    if (cost > limitBytes / 8 || entries.has(digest)) return;
    entries.set(digest, { bytes, wasUsed: false });
    usedBytes += cost;
    // Those that were used are passed over once, and meet us again at the end.
    for (const [next, entry] of entries) {
      if (usedBytes <= limitBytes) return;
      entries.delete(next);
      if (entry.wasUsed) entries.set(next, { bytes: entry.bytes, wasUsed: false });
      else usedBytes -= entry.bytes.length + ENTRY_BYTES;
    }
  }

  async function get(digest: Digest, load: () => Promise<Uint8Array | Problem>): Promise<Uint8Array | Problem> {
    const cached = peek(digest);
    if (cached) return cached;
    const shared = loading.get(digest);
    if (shared) return shared;
    const started = load();
    loading.set(digest, started);
    try {
      const bytes = await started;
      if (typeof bytes !== 'string') keep(digest, bytes);
      return bytes;
    } finally {
      loading.delete(digest);
    }
  }

  return {
    get,
    peek,
    get usedBytes() {
      return usedBytes;
    },
  };
}
