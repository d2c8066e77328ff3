import { mkdtemp, rm } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import {
  UsageError,
  writeJson,
  writeTable,
  type Command,
  type CommandInput,
  type Io,
} from '../../../internal/cli/index.ts';
import type { Bucket } from '../collection/stores.ts';
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
    { flags: '--rounds <count>', doc: 'at most (default: until all garbage is collected)' },
    { flags: '--connections <count>', doc: 'on which manifests are asked for (default: 8)' },
    { flags: '--rate <count>', doc: 'deletes a second; 0: as many as it can (default: 500, as the server)' },
    { flags: '--no-files', doc: 'without a file, or object, for each blob that is garbage' },
    { flags: '--postgres <url>', doc: 'keeps the catalog in this database, which must be empty and is left filled' },
    {
      flags: '--s3 <url>',
      doc: 'keeps content in this empty bucket, as http://host:port/bucket; credentials as AWS_ACCESS_KEY_ID has them',
    },
    { flags: '--folder <path>', doc: 'for the data (default: a temporary one, removed afterwards)' },
    { flags: '--json', doc: 'as JSON' },
  ],
  async run({ options }, io) {
    const [{ usingStores, variablesOf }, { fillStores }, { measureRounds }, { rowsOf }] = await Promise.all([
      import('../collection/stores.ts'),
      import('../collection/fill.ts'),
      import('../collection/rounds.ts'),
      import('../collection/report.ts'),
    ]);
    const manifests = numberOf(options, 'manifests', 200_000);
    const own = textOf(options, 'folder');
    const folder = own === undefined ? await mkdtemp(join(tmpdir(), 'octobench-gc-')) : resolve(io.cwd, own);
    const steps = createSteps(io);
    try {
      const [postgres, s3] = [textOf(options, 'postgres'), bucketOf(textOf(options, 's3'), io.env)];
      const places = { folder: join(folder, 'data'), postgres, s3 };
      const withFiles = options['files'] !== false;
      const pullable = await usingStores(places, (stores) =>
        fillStores({ stores, manifests, withFiles, onStep: steps.tell }),
      );
      const figures = await measureRounds({
        args: [PROGRAM],
        folder,
        env: variablesOf(places),
        pullable,
        seconds: numberOf(options, 'seconds', 20),
        mostRounds: numberOf(options, 'rounds', Infinity),
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

function bucketOf(text: string | undefined, env: Io['env']): Bucket | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const bucket = url?.pathname.slice(1);
  if (!url || !bucket) throw new UsageError(`--s3: ${text} is no http://host:port/bucket`);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
  return { endpoint: url.origin, bucket, credentials };
}

function numberOf(options: CommandInput['options'], name: string, otherwise: number): number {
  const text = textOf(options, name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name}: ${text} is no number`);
  return Number(text);
}
