import { createHash } from 'node:crypto';
import { S3Failure } from './failure.ts';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modifiedMs: number;
}

export interface BegunUpload {
  readonly id: string;
  readonly name: string;
  readonly begunMs: number;
  readonly parts: Map<number, StoredObject>;
}

export interface StoreOptions {
  /** The least size of a part that is not the last. */
  readonly leastPartBytes: number;
  /** How many entries a list gives at once. */
  readonly pageSize: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const MOST_PARTS = 10_000;
const NO_RANGE = { start: 0, end: Infinity };

/** The content of one bucket, in memory, under S3's rules. */
export class S3Store {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, BegunUpload>();
  /** Names of objects that are not to be removed. */
  readonly locked = new Set<string>();
  readonly #options: StoreOptions;
  #begun = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get pageSize(): number {
    return this.#options.pageSize;
  }

  put(name: string, bytes: Buffer): StoredObject {
    const object = this.#stored(bytes);
    this.objects.set(name, object);
    return object;
  }

  get(name: string): StoredObject {
    const object = this.objects.get(name);
    if (!object) throw new S3Failure('NoSuchKey');
    return object;
  }

  remove(name: string): void {
    this.objects.delete(name);
  }

  /** In the order of names. */
  list(prefix: string, after: string): readonly (readonly [string, StoredObject])[] {
    return [...this.objects]
      .filter(([name]) => name.startsWith(prefix) && name > after)
      .toSorted(([one], [other]) => (one < other ? -1 : 1));
  }

  begin(name: string): BegunUpload {
    this.#begun += 1;
    const upload = { id: `upload-${this.#begun}`, name, begunMs: this.#options.clock(), parts: new Map() };
    this.uploads.set(upload.id, upload);
    return upload;
  }

  upload(name: string, id: string): BegunUpload {
    const upload = this.uploads.get(id);
    if (upload?.name !== name) throw new S3Failure('NoSuchUpload');
    return upload;
  }

  putPart(name: string, id: string, number: number, bytes: Buffer): StoredObject {
    if (!(number >= 1 && number <= MOST_PARTS)) throw new S3Failure('InvalidArgument', 'no such part number');
    const part = this.#stored(bytes);
    this.upload(name, id).parts.set(number, part);
    return part;
  }

  copyPart(name: string, id: string, number: number, from: string, range = NO_RANGE): StoredObject {
    const { bytes } = this.get(from);
    if (range.end !== Infinity && range.end >= bytes.length) throw new S3Failure('InvalidRange');
    return this.putPart(name, id, number, bytes.subarray(range.start, range.end + 1));
  }

  complete(
    name: string,
    id: string,
    wanted: readonly { readonly number: number; readonly etag: string }[],
  ): StoredObject {
    const { parts } = this.upload(name, id);
    const found = wanted.map(({ number, etag }, index) => {
      const part = parts.get(number);
      if (part?.etag !== etag) throw new S3Failure('InvalidPart');
      if (index > 0 && number <= wanted[index - 1]!.number) throw new S3Failure('InvalidPartOrder');
      const isLast = index === wanted.length - 1;
      if (!isLast && part.bytes.length < this.#options.leastPartBytes) throw new S3Failure('EntityTooSmall');
      return part.bytes;
    });
    if (found.length === 0) throw new S3Failure('InvalidPart');
    this.uploads.delete(id);
    return this.put(name, Buffer.concat(found));
  }

  abort(name: string, id: string): void {
    this.upload(name, id);
    this.uploads.delete(id);
  }

  #stored(bytes: Buffer): StoredObject {
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    return { bytes: Buffer.from(bytes), etag, modifiedMs: this.#options.clock() };
  }
}
