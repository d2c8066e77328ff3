import { CatalogError, type By, type Catalog, type LogEvent } from '../catalog/index.ts';
import { Crowd } from './audit-crowd.ts';
import type { AuditEvent } from './audit-event.ts';

export interface Audit {
  /** Notes it, for the log of changes a second later. Waits for nothing and never throws. */
  record(event: AuditEvent): void;
  /** Resolves when what was noted so far is in the log of changes, or could not be put there for now. */
  flush(): Promise<void>;
  /** Notes no more, and writes what is left. */
  close(): Promise<void>;
}

export interface AuditDeps {
  readonly catalog: Pick<Catalog, 'run'>;
  readonly clock: () => number;
  readonly log: { error(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

const FLUSH_MS = 1000;
const BATCH = 500;
/** While the catalog is away so many wait for it. */
const MOST_WAITING = 10_000;

/** The audit of one process. It writes off the path of requests, in batches, and keeps a bounded number of entries. */
export function createAudit({ catalog, clock, log }: AuditDeps): Audit {
  const crowd = new Crowd();
  let waiting: (By & LogEvent)[] = [];
  let dropped = 0;
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let isClosed = false;
  const timer = setInterval(() => void flush(), FLUSH_MS);
  timer.unref();

  function keep(event: AuditEvent): void {
    if (waiting.length < MOST_WAITING) waiting.push({ ...tame(event), nowMs: clock() });
    else dropped += 1;
  }

  function count(isEnd: boolean): void {
    for (const event of crowd.counts(clock(), isEnd)) keep(event);
  }

  async function writeBatches(): Promise<void> {
    while (waiting.length > 0) {
      const events = waiting.slice(0, BATCH);
      try {
        await catalog.run('recordEvents', { events });
      } catch (error) {
        // What only waits for the catalog is tried again; what it will never take must not stand in the way of the rest.
        if (error instanceof CatalogError && (error.failure === 'busy' || error.failure === 'full')) return;
        log.error('Entries of the audit could not be written', { count: events.length, error });
      }
      waiting = waiting.slice(events.length);
    }
    if (dropped > 0) log.error('Entries of the audit were dropped', { count: dropped });
    dropped = 0;
  }

  /** All who ask while it writes share the run after it. */
  function flush(): Promise<void> {
    count(false);
    if (!writing) return (writing = writeBatches().finally(() => (writing = undefined)));
    return (next ??= writing.then(() => {
      next = undefined;
      return flush();
    }));
  }

  return {
    record(event) {
      if (isClosed) return;
      count(false);
      const isRefused = event.result !== undefined && event.result !== 'done';
      if (!isRefused || crowd.admits(event)) keep(event);
    },
    flush,
    async close() {
      isClosed = true;
      clearInterval(timer);
      count(true);
      await flush();
    },
  };
}

/** What comes from clients is kept short, and free of what would not be told from something else or cannot be stored. */
function tame({ by, name, detail, ...event }: AuditEvent): AuditEvent {
  const { principal, address, requestId } = by;
  return {
    ...event,
    by: { principal: plain(principal), address: plain(address), requestId: plain(requestId) },
    name: plain(name),
    detail: detail && Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, tameValue(value)])),
  };
}

type Value = NonNullable<LogEvent['detail']>[string];

function tameValue(value: Value): Value {
  if (typeof value === 'string') return plain(value);
  return typeof value === 'object' ? value.map((text) => plain(text)) : value;
}

const LONGEST = 300;

function plain(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return short.toWellFormed().replaceAll(/\p{Cc}/gu, '\u{fffd}');
}
