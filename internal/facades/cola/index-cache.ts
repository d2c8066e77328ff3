import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** A body of index.json with all that its answers say of it. */
export interface RenderedIndex {
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModified: string | undefined;
  /** Made when it is first asked for. */
  readonly zipped: () => Promise<{ readonly body: Buffer; readonly etag: string }>;
}

export function renderedIndex(text: string, changedMs: number | undefined): RenderedIndex {
  const body = Buffer.from(text);
  const hash = createHash('sha256').update(body).digest('base64url');
  let zipped: Promise<Buffer> | undefined;
  return {
    body,
    etag: `"${hash}"`,
    lastModified: changedMs === undefined ? undefined : new Date(changedMs).toUTCString(),
    zipped: async () => ({ body: await (zipped ??= compress(body)), etag: `"${hash}-gzip"` }),
  };
}

/** Bodies by what they were made of; each is made once, however many ask at a time. */
export interface IndexCache {
  get(key: string, render: () => Promise<RenderedIndex>): Promise<RenderedIndex>;
}

/** What a key and its promise take besides the body. */
const ENTRY_BYTES = 1024;

interface Entry {
  readonly made: Promise<RenderedIndex>;
  bytes: number;
}

/** Keeps at most so many bytes, of those asked for last. A body that could not be made is not kept. */
export function createIndexCache(mostBytes: number): IndexCache {
  const kept = new Map<string, Entry>();
  let total = 0;

  function drop(key: string): void {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  /** Counts the body once it is there; one that could not be made is made anew the next time. */
  async function settle(key: string, entry: Entry): Promise<void> {
    const made = await entry.made.catch(() => undefined);
    if (kept.get(key) !== entry) return;
    if (!made) return drop(key);
    // The zipped one, where somebody asks for it, is a small part more.
    const more = made.body.length + (made.body.length >> 2);
    entry.bytes += more;
    total += more;
    for (const oldest of kept.keys()) {
      if (total <= mostBytes || oldest === key) return;
      drop(oldest);
    }
  }

  return {
    get(key, render) {
      const found = kept.get(key);
      if (found) {
        kept.delete(key);
        kept.set(key, found);
        return found.made;
      }
      const entry = { made: render(), bytes: ENTRY_BYTES };
      kept.set(key, entry);
      total += entry.bytes;
      void settle(key, entry);
      return entry.made;
    },
  };
}
