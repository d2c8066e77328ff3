import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createProgress, formatSize, type Io } from '../../internal/cli/index.ts';
import type { Upload } from './api.ts';
import { invalid } from './exit-codes.ts';

/** A file on its way to the server, of which its hash is known once it was read. */
export interface PackageFile extends Upload {
  /** 64 lower-case hex digits of all that was read. */
  checksum(): string;
  /** Takes the progress away from the terminal. */
  end(): void;
}

export async function openPackageFile(path: string, name: string, io: Io): Promise<PackageFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw invalid(error.code === 'ENOENT' ? `there is no file ${name}` : `${name}: ${error.message}`);
  });
  if (!found.isFile()) throw invalid(`${name} is no file`, 'A package is a zip archive.');
  const hash = createHash('sha256');
  const progress = createProgress(io, { verb: 'Sent', noun: `of ${name}`, format: formatSize, clock: Date.now });
  progress.total(found.size);

  async function* read(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      progress.done(chunk.length);
      yield chunk;
    }
  }
  return { content: read(), sizeBytes: found.size, checksum: () => hash.digest('hex'), end: () => progress.clear() };
}
