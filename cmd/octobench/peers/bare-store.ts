import { createHash } from 'node:crypto';
import { close, constants, fdatasync, mkdirSync, open, readFileSync, writeFileSync, write } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Content with the fields that it is answered with. */
export interface Held {
  readonly headers: string[];
  /** In memory, or in a file. */
  readonly content: Buffer | { readonly path: string; readonly sizeBytes: number };
}

/** What the bare server keeps: files, and what is asked for in memory. */
export interface BareStore {
  find(path: string): Held | undefined;
  putManifest(path: string, type: string, bytes: Buffer): void;
  /** Writes the body to a file, with all of it on stable storage where the store is durable. */
  putBlob(path: string, digest: string, body: IncomingMessage): Promise<void>;
}

/** Answered from memory up to this, as by the product. */
const SMALL_BYTES = 128 * 1024;

const files = { open: promisify(open), write: promisify(write), sync: promisify(fdatasync), close: promisify(close) };

const nameOf = (path: string): string => createHash('sha256').update(path).digest('hex');

function headersOf(type: string, sizeBytes: number, digest: string): string[] {
  const length = ['content-length', String(sizeBytes)];
  return ['content-type', type, ...length, 'docker-content-digest', digest, 'etag', `"${digest}"`];
}

/** Where several processes share the folder, each finds what the others were given. */
export function openBareStore(folder: string, durable: boolean): BareStore {
  const held = new Map<string, Held>();
  const index = join(folder, 'index');
  mkdirSync(index, { recursive: true });
  let uploads = 0;

  function load(path: string): Held | undefined {
    try {
      const { headers, file, sizeBytes } = JSON.parse(readFileSync(join(index, nameOf(path)), 'utf8')) as {
        readonly headers: string[];
        readonly file: string;
        readonly sizeBytes: number;
      };
      const content = sizeBytes <= SMALL_BYTES ? readFileSync(file) : { path: file, sizeBytes };
      const one: Held = { headers, content };
      held.set(path, one);
      return one;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  const note = (path: string, headers: string[], file: string, sizeBytes: number): void =>
    writeFileSync(join(index, nameOf(path)), JSON.stringify({ headers, file, sizeBytes }));

  return {
    find: (path) => held.get(path) ?? load(path),

    putManifest(path, type, bytes) {
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      const file = join(folder, nameOf(digest));
      writeFileSync(file, bytes);
      const headers = headersOf(type, bytes.length, digest);
      for (const name of [path, path.replace(/[^/]+$/, digest)]) note(name, headers, file, bytes.length);
    },

    async putBlob(path, digest, body) {
      const file = join(folder, `${process.pid}-${(uploads += 1)}`);
      const opened = await files.open(file, constants.O_WRONLY | constants.O_CREAT);
      let sizeBytes = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        await files.write(opened, chunk, 0, chunk.length, sizeBytes);
        sizeBytes += chunk.length;
      }
      if (durable) await files.sync(opened);
      await files.close(opened);
      note(path, headersOf('application/octet-stream', sizeBytes, digest), file, sizeBytes);
    },
  };
}
