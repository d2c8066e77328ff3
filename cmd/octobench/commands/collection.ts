import { mkdtemp, rm } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { UsageError, writeJson, writeTable, type Command, type CommandInput } from '../../../internal/cli/index.ts';
import { textOf } from './flags.ts';
import { createSteps } from './steps.ts';

const PROGRAM = join(import.meta.dirname, `../../octoserve/main${extname(import.meta.filename)}`);

export const collection: Command = {
  name: 'gc',
  summary: 'Collects garbage from a large catalog, and measures what reads feel of it.',
  example: 'octobench gc --manifests 20000',
  options: [
    {
      flags: '--manifests <count>',
      doc: 'so many, each with four blobs of its own; half are garbage (default: 200000)',
    },
    { flags: '--seconds <count>', doc: 'of reading alone, then beside the collection, in each round (default: 20)' },
    { flags: '--connections <count>', doc: 'on which manifests are asked for (default: 8)' },
    { flags: '--rate <count>', doc: 'deletes a second; 0: as many as it can (default: 500, as the server)' },
    { flags: '--no-files', doc: 'without a file for each blob that is garbage' },
    { flags: '--folder <path>', doc: 'for the data (default: a temporary one, removed afterwards)' },
    { flags: '--json', doc: 'as JSON' },
  ],
  async run({ options }, io) {
    const [{ fillFolder }, { measureRounds }, { rowsOf }] = await Promise.all([
      import('../collection/fill.ts'),
      import('../collection/rounds.ts'),
      import('../collection/report.ts'),
    ]);
    const manifests = numberOf(options, 'manifests', 200_000);
    const own = textOf(options, 'folder');
    const folder = own === undefined ? await mkdtemp(join(tmpdir(), 'octobench-gc-')) : resolve(io.cwd, own);
    const steps = createSteps(io);
    try {
      const data = join(folder, 'data');
      const withFiles = options['files'] !== false;
      const pullable = await fillFolder({ folder: data, manifests, withFiles, onStep: steps.tell });
      const figures = await measureRounds({
        args: [PROGRAM],
        folder,
        data,
        pullable,
        seconds: numberOf(options, 'seconds', 20),
        connections: numberOf(options, 'connections', 8),
        deletesPerSecond: numberOf(options, 'rate', 500),
        onStep: steps.tell,
      });
      steps.end();
      if (options['json'] === true) writeJson(io.stdout, { manifests, ...figures });
      else writeTable(io.stdout, rowsOf(figures));
      return 0;
    } finally {
      if (own === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

function numberOf(options: CommandInput['options'], name: string, otherwise: number): number {
  const text = textOf(options, name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name}: ${text} is no number`);
  return Number(text);
}
