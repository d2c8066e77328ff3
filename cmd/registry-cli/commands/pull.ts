import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CliError, writeJson } from '../../../internal/cli/index.ts';
import { makeFolders } from '../../../internal/files/index.ts';
import { createBar } from '../bar.ts';
import type { RegistryCommand } from '../command.ts';
import { causeOf, segment } from '../connection.ts';
import { formatGoDuration, formatSize } from '../words.ts';

const ticks = (): number => performance.now();

interface Received {
  readonly hash: string;
  readonly size: number;
}

/** Reads the body into the file; throws a CliError where it is not what the server said that it is. */
async function receive(answer: IncomingMessage, part: string, bar: ReturnType<typeof createBar>): Promise<Received> {
  const sum = createHash('sha256');
  let size = 0;
  async function* summed(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      sum.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const { 'content-length': length, 'x-artifact-hash': promised } = answer.headers;
  try {
    await pipeline(answer, bar, summed, createWriteStream(part));
  } catch (failure) {
    const isShort = (failure as NodeJS.ErrnoException).code === 'ECONNRESET';
    throw new CliError(isShort ? 'error: hash mismatch' : `error: ${causeOf(failure)}`, { cause: failure });
  }
  const hash = sum.digest('hex');
  const isWhole = length === undefined || Number(length) === size;
  if (!isWhole || (promised !== undefined && promised !== hash)) throw new CliError('error: hash mismatch');
  return { hash, size };
}

export const pull: RegistryCommand = {
  name: 'pull',
  summary: 'Downloads a version of a package, and checks its hash.',
  example: 'registry pull mytool 1.0.0 --output ./mytool --token dev-token',
  arguments: ['<package>', '<version>'],
  hasOutput: true,
  async run({ connection, arguments: [name = '', version = ''], output, json }, io) {
    const startTicks = ticks();
    const told = output ?? `${name.replaceAll('/', '_')}-${version}`;
    const path = resolve(io.cwd, told);
    const answer = await connection.send('GET', `/artifacts/${segment(name)}/${segment(version)}`);
    const length = answer.headers['content-length'];
    const sizeBytes = length === undefined ? undefined : Number(length);
    const bar = createBar(io.stderr, { verb: 'Downloading', sizeBytes, ticks });
    const part = `${path}.part`;
    let received: Received;
    try {
      await makeFolders(dirname(path));
      received = await receive(answer, part, bar);
      await rename(part, path);
    } catch (failure) {
      answer.destroy();
      await rm(part, { force: true });
      throw failure instanceof CliError ? failure : new CliError(`error: ${causeOf(failure)}`, { cause: failure });
    }
    if (json) writeJson(io.stdout, { package: name, version, path: told, ...received });
    else {
      io.stdout.write(`Pulled ${name}@${version} -> ${told}\n  Hash:     ${received.hash}\n`);
      const duration = formatGoDuration(ticks() - startTicks);
      io.stdout.write(`  Size:     ${formatSize(received.size)}\n  Duration: ${duration}\n`);
    }
    return 0;
  },
};
