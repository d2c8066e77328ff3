import { mkdtemp, rm } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { UsageError, writeJson, writeTable, type Command, type CommandInput } from '../../../internal/cli/index.ts';
import type { CollectionFigures } from '../collection/measure.ts';
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
    { flags: '--seconds <count>', doc: 'of reading without a collection (default: 20)' },
    { flags: '--connections <count>', doc: 'on which manifests are asked for (default: 8)' },
    { flags: '--rate <count>', doc: 'deletes a second; 0: as many as it can (default: 0)' },
    { flags: '--no-files', doc: 'without a file for each blob that is garbage' },
    { flags: '--folder <path>', doc: 'for the data (default: a temporary one, removed afterwards)' },
    { flags: '--json', doc: 'as JSON' },
  ],
  async run({ options }, io) {
    const [{ fillFolder }, { measureCollection }, { findFreePort, startProgram }] = await Promise.all([
      import('../collection/fill.ts'),
      import('../collection/measure.ts'),
      import('../peers/program.ts'),
    ]);
    const manifests = numberOf(options, 'manifests', 200_000);
    const own = textOf(options, 'folder');
    const folder = own === undefined ? await mkdtemp(join(tmpdir(), 'octobench-gc-')) : resolve(io.cwd, own);
    const shown = createSteps(io);
    try {
      const data = join(folder, 'data');
      const withFiles = options['files'] !== false;
      const pullable = await fillFolder({ folder: data, manifests, withFiles, onStep: shown.tell });
      const port = await findFreePort();
      shown.tell('measuring: with and without a collection');
      const peer = await startProgram({
        command: process.execPath,
        args: [PROGRAM],
        env: {
          OCTOSERVE_SERVER_PORT: String(port),
          OCTOSERVE_STORAGE_PATH: data,
          OCTOSERVE_LOG_REQUESTS: 'false',
          OCTOSERVE_GC_INTERVAL: '0',
          OCTOSERVE_GC_MAX_DELETES_PER_SECOND: String(numberOf(options, 'rate', 0)),
        },
        folder,
        url: `http://127.0.0.1:${port}`,
      });
      try {
        const figures = await measureCollection(peer, pullable, {
          seconds: numberOf(options, 'seconds', 20),
          connections: numberOf(options, 'connections', 8),
        });
        shown.end();
        if (options['json'] === true) writeJson(io.stdout, { manifests, ...figures });
        else writeTable(io.stdout, rowsOf(figures));
      } finally {
        await peer.close();
      }
      return 0;
    } finally {
      if (own === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

function rowsOf(figures: CollectionFigures): readonly (readonly string[])[] {
  const { idleBytes, without, during, collectionSeconds, deletedBlobs } = figures;
  const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
  const reads = [without, during].map(({ requests, p50Ms, p99Ms, longestMs, peakBytes }) => [
    String(requests),
    `${p50Ms.toFixed(2)} ms`,
    `${p99Ms.toFixed(2)} ms`,
    `${longestMs.toFixed(1)} ms`,
    megabytes(peakBytes),
  ]);
  return [
    ['', 'GETs', 'p50', 'p99', 'longest', 'memory at most'],
    ['without', ...(reads[0] ?? [])],
    ['during', ...(reads[1] ?? [])],
    ['', '', '', '', '', ''],
    ['collected', `${deletedBlobs} blobs`, `${collectionSeconds.toFixed(1)} s`, '', '', `idle ${megabytes(idleBytes)}`],
  ];
}

function numberOf(options: CommandInput['options'], name: string, otherwise: number): number {
  const text = textOf(options, name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name}: ${text} is no number`);
  return Number(text);
}
