import type { Key } from '../driver.ts';
import { StorageError } from '../types.ts';
import type { Bucket } from './bucket.ts';
import type { Multipart, Multiparts } from './multiparts.ts';

export interface PartCalls {
  readonly bucket: Pick<Bucket, 'head'>;
  readonly multiparts: Multiparts;
}

/** Brings the parts of one object to S3, several at a time, in the order of their numbers. */
export class PartSender {
  readonly #calls: PartCalls;
  readonly #key: Key;
  readonly #flying = new Set<Promise<void>>();
  readonly #tags: string[] = [];
  #begun: Promise<Multipart> | undefined;
  #failures: unknown[] = [];

  constructor(calls: PartCalls, key: Key) {
    this.#calls = calls;
    this.#key = key;
  }

  /** How many parts there are so far. */
  get count(): number {
    return this.#tags.length;
  }

  /**
   * Starts to bring a part, when fewer than `most` are on their way. `send` may go on when this resolves; in any case
   * `done` is called once, when it does no more. Fails where an earlier part failed.
   */
  async add(
    send: (multipart: Multipart, number: number) => Promise<string>,
    done: () => void,
    most: number,
  ): Promise<void> {
    try {
      this.#begun ??= this.#calls.multiparts.create(this.#key);
      const multipart = await this.#begun;
      while (this.#flying.size >= most) await Promise.race(this.#flying);
      this.#throwFailure();
      const number = this.#tags.push('');
      const flight = this.#fly(send(multipart, number), number).finally(() => {
        this.#flying.delete(flight);
        done();
      });
      this.#flying.add(flight);
    } catch (failure) {
      done();
      throw failure;
    }
  }

  /** Waits until all parts are there: then only `complete` is left to do. */
  async settle(): Promise<{ readonly multipart: Multipart; readonly tags: readonly string[] }> {
    await Promise.all(this.#flying);
    this.#throwFailure();
    if (!this.#begun) throw new TypeError('no part was sent');
    return { multipart: await this.#begun, tags: this.#tags };
  }

  /** Waits for all parts, then makes them the object, of just that size. */
  async complete(sizeBytes: number): Promise<void> {
    const { multipart, tags } = await this.settle();
    await completeParts(this.#calls, multipart, tags, sizeBytes);
  }

  /** Gives up. What cannot be removed now is found by the sweep. */
  async abort(): Promise<void> {
    await Promise.all(this.#flying);
    const multipart = await this.#begun?.catch(() => undefined);
    if (multipart) await this.#calls.multiparts.abort(multipart).catch(() => undefined);
  }

  async #fly(sent: Promise<string>, number: number): Promise<void> {
    try {
      this.#tags[number - 1] = await sent;
    } catch (failure) {
      this.#failures.push(failure);
    }
  }

  #throwFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}

/**
 * Makes the parts the object and looks whether it is there as it should be; that it was made before is fine. Where that is
 * not sure, and the parts are gone, what is there may be what was to be replaced: then it fails.
 */
export async function completeParts(
  { bucket, multiparts }: PartCalls,
  multipart: Multipart,
  tags: readonly string[],
  sizeBytes: number,
  isSure = true,
): Promise<void> {
  const isMade = await multiparts.complete(multipart, tags);
  if (!isMade && !isSure) throw new StorageError('busy', `the parts of ${multipart.key} are gone`);
  await checkStored(bucket, multipart.key, sizeBytes);
}

/** Fails where what was stored just now is not there as it should be. */
export async function checkStored(bucket: Pick<Bucket, 'head'>, key: Key, sizeBytes: number): Promise<void> {
  const found = await bucket.head(key);
  if (found?.sizeBytes === sizeBytes) return;
  if (found) throw new StorageError('broken', `${key} is not as long as what was stored there`);
  // Its parts were given up by another, or it was removed since: the client has to send it again, and may.
  throw new StorageError('busy', `${key} is gone since it was stored`);
}
