import { OciError, type Digest } from '../../pkg/oci/index.ts';
import { TAKEOVER_MS, type Catalog } from '../catalog/index.ts';
import type { RegistryPorts } from './ports.ts';

/** Between two looks whether a deletion has ended. */
const PAUSE_MS = 100;
/** A deletion that goes on or was given up is over by then; and so often in a row nothing is deleted under a push. */
const MOST_TRIES = 20;

interface Deps {
  readonly catalog: Pick<Catalog, 'queries' | 'run'>;
  readonly ports: Pick<RegistryPorts, 'clock' | 'pause'>;
}

/** What is handed to the command that records content. */
export interface Bringing {
  /**
   * What was seen before: of all orders in which a push and the collector may do their steps, this is the one thing that
   * tells a push that its content is still there when the row is (DESIGN: Garbage collection).
   */
  readonly seen: number;
  /** Whether what is there was quarantined and has been replaced, so that it is mended by that. */
  readonly replaced: boolean;
}

export interface Publisher {
  /**
   * Brings content to its place by `publish`, then has it recorded: again, as long as `record` answers that it may have
   * been deleted in between, or was found damaged. `publish` must be safe to repeat. UNAVAILABLE where it cannot be
   * brought about for long.
   */
  bring<Done extends { readonly kind: string }>(
    digest: Digest,
    publish: (replace: boolean) => Promise<void>,
    record: (bringing: Bringing) => Promise<Done>,
  ): Promise<Exclude<Done, { readonly kind: 'again' }>>;
}

export function createPublisher({ catalog, ports }: Deps): Publisher {
  /** What was seen when nobody was deleting the blob. */
  async function look(digest: Digest): Promise<Bringing & { readonly isUsed: boolean }> {
    for (const startMs = ports.clock(); ports.clock() - startMs <= 2 * TAKEOVER_MS; await ports.pause(PAUSE_MS)) {
      const { seen, deletingMs, isUsed, damage } = await catalog.queries.findDeletion(digest);
      if (deletingMs === undefined) return { seen, replaced: damage !== undefined, isUsed };
      const beforeMs = ports.clock() - TAKEOVER_MS;
      if (deletingMs <= beforeMs) await catalog.run('dropDeletion', { digest, beforeMs });
    }
    throw new OciError('UNAVAILABLE', 'the blob is being deleted');
  }

  return {
    async bring(digest, publish, record) {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const { isUsed, ...bringing } = await look(digest);
        // What no repository has may be what a deletion left that was given up: its quarantine has gone with its row.
        await publish(bringing.replaced || !isUsed);
        const done = await record(bringing);
        if (isDone(done)) return done;
      }
      throw new OciError('UNAVAILABLE', 'the blob is deleted as soon as it is there');
    },
  };
}

function isDone<Done extends { readonly kind: string }>(done: Done): done is Exclude<Done, { readonly kind: 'again' }> {
  return done.kind !== 'again';
}
