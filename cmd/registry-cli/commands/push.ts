import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream';
import { CliError, writeJson } from '../../../internal/cli/index.ts';
import { createBar } from '../bar.ts';
import type { RegistryCommand } from '../command.ts';
import { causeOf, segment } from '../connection.ts';
import { formatGoDuration, formatSize } from '../words.ts';

const ticks = (): number => performance.now();

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((failure: unknown) => {
    throw new CliError(`error: ${causeOf(failure)}`, { cause: failure });
  });
  if (found.isFile()) return found.size;
  throw new CliError(`error: ${path} is no file`);
}

export const push: RegistryCommand = {
  name: 'push',
  summary: 'Uploads a file as a version of a package.',
  example: 'registry push mytool 1.0.0 ./mytool --server http://localhost:8080 --token dev-token',
  arguments: ['<package>', '<version>', '<file>'],
  async run({ connection, arguments: [name = '', version = '', file = ''], json }, io) {
    const startTicks = ticks();
    const path = resolve(io.cwd, file);
    const sizeBytes = await sizeOf(path);
    const bar = createBar(io.stderr, { verb: 'Uploading', sizeBytes, ticks });
    const stream = pipeline(createReadStream(path), bar, () => undefined); // whoever reads it hears of failures
    const body = { stream, sizeBytes };
    const kept = (await connection.ask('POST', `/artifacts/${segment(name)}/${segment(version)}`, body)) as {
      readonly hash: string;
      readonly size: number;
    };
    if (json) writeJson(io.stdout, kept);
    else {
      io.stdout.write(`Pushed ${name}@${version}\n  Hash:     ${kept.hash}\n`);
      io.stdout.write(`  Size:     ${formatSize(kept.size)}\n  Duration: ${formatGoDuration(ticks() - startTicks)}\n`);
    }
    return 0;
  },
};
