import { algorithmOf, encodedOf, type Algorithm, type Digest } from '../../../pkg/oci/index.ts';
import type { BackupTarget } from '../../storage/index.ts';

/** Content by digest, with its size. */
export type Shelf = ReadonlyMap<Digest, number>;

/** Up to so many contents are listed at once; of more, only those whose digests begin alike. */
const MOST_AT_ONCE = 100_000;
/** Who asks in the order of digests, several at a time, asks for these at most. */
const REMEMBERED = 2;
const ALGORITHMS: readonly Algorithm[] = ['sha256', 'sha512'];

/**
 * What a target had when it was first asked. A bucket is listed, not asked for each content, since it lists a thousand at
 * a time; and shelf by shelf where it is much, so that memory does not grow with it: to be asked in the order of digests.
 */
export class TargetContent {
  readonly #target: Pick<BackupTarget, 'blobs' | 'shelf' | 'listsSizes'>;
  #all: Promise<Shelf | undefined> | undefined;
  #shelves = new Map<string, Promise<Shelf>>();

  constructor(target: Pick<BackupTarget, 'blobs' | 'shelf' | 'listsSizes'>) {
    this.#target = target;
  }

  async has({ digest, sizeBytes }: { readonly digest: Digest; readonly sizeBytes: number }): Promise<boolean> {
    if (!this.#target.listsSizes) return (await this.#target.blobs.stat(digest))?.sizeBytes === sizeBytes;
    const shelf = (await this.#whole()) ?? (await this.#shelfOf(digest));
    return shelf.get(digest) === sizeBytes;
  }

  /** All of it, a shelf at a time in the order of digests; `holds` says of which digests a shelf tells. */
  async *shelves(): AsyncGenerator<{ readonly shelf: Shelf; readonly holds: (digest: Digest) => boolean }> {
    const whole = await this.#whole();
    if (whole) {
      yield { shelf: whole, holds: () => true };
      return;
    }
    for (const algorithm of ALGORITHMS) {
      for (let number = 0; number < 256; number += 1) {
        const beginning = `${algorithm}:${number.toString(16).padStart(2, '0')}`;
        const shelf = await this.#read(algorithm, beginning.slice(-2));
        yield { shelf, holds: (digest) => digest.startsWith(beginning) };
      }
    }
  }

  #whole(): Promise<Shelf | undefined> {
    return (this.#all ??= this.#list());
  }

  /** Undefined where it is too much. */
  async #list(): Promise<Shelf | undefined> {
    const shelf = new Map<Digest, number>();
    for await (const { digest, sizeBytes } of this.#target.blobs.walk()) {
      shelf.set(digest, sizeBytes);
      if (shelf.size > MOST_AT_ONCE) return undefined;
    }
    return shelf;
  }

  #shelfOf(digest: Digest): Promise<Shelf> {
    const [algorithm, beginning] = [algorithmOf(digest), encodedOf(digest).slice(0, 2)];
    const name = `${algorithm}:${beginning}`;
    const known = this.#shelves.get(name);
    if (known) return known;
    const [oldest] = this.#shelves.keys();
    if (oldest !== undefined && this.#shelves.size >= REMEMBERED) this.#shelves.delete(oldest);
    const reading = this.#read(algorithm, beginning);
    this.#shelves.set(name, reading);
    return reading;
  }

  async #read(algorithm: Algorithm, beginning: string): Promise<Shelf> {
    const shelf = new Map<Digest, number>();
    for await (const { digest, sizeBytes } of this.#target.shelf(algorithm, beginning)) shelf.set(digest, sizeBytes);
    return shelf;
  }
}
