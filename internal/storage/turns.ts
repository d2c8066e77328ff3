import type { UploadId } from '../../pkg/oci/index.ts';
import { StorageError } from './types.ts';

/** The right to write to an upload, until it ends or another takes it. */
export interface Turn {
  /** Aborts when the turn was taken away: nothing more may be written. */
  readonly signal: AbortSignal;
  end(): void;
}

interface Holder {
  readonly taken: AbortController;
  readonly ended: Promise<void>;
}

/**
 * One writer at a time for each upload in this process; the latest has it. Claims in the catalog rule between requests,
 * but a request that lost its claim (a connection half open, found dead only now) still has bytes in its hands: here it
 * is stopped before the next one writes, so that they never land among that one's, nor in what was published since.
 */
export class Turns {
  readonly #holders = new Map<UploadId, Holder>();

  /** Ends the turn before, if there is one, and waits until its holder has let go. */
  async take(id: UploadId): Promise<Turn> {
    await this.stop(id);
    const taken = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#holders.set(id, { taken, ended });
    return {
      signal: taken.signal,
      end: () => {
        this.#holders.delete(id);
        resolve();
      },
    };
  }

  /** Resolves when nobody writes to the upload. */
  async stop(id: UploadId): Promise<void> {
    for (let holder = this.#holders.get(id); holder; holder = this.#holders.get(id)) {
      holder.taken.abort(new StorageError('busy', 'another request goes on with this upload'));
      await holder.ended;
    }
  }
}
