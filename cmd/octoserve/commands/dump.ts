import type { Command } from '../../../internal/cli/index.ts';

export const dump: Command = {
  name: 'dump',
  summary: 'Writes the whole catalog as text, as it is at one moment; servers may go on.',
  example: 'octoserve dump --output catalog.dump',
  options: [
    { flags: '--output <file>', doc: 'the file to write, in place of one that is there; standard output without it' },
    { flags: '--logical', doc: 'only what a rebuild restores, for comparing' },
    { flags: '--json', doc: 'with --output: how many rows there were, as JSON' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { writeWhole }, { createProgress, writeJson }, { dumpCatalog }] = await Promise.all([
      import('../stores.ts'),
      import('../write-whole.ts'),
      import('../../../internal/cli/index.ts'),
      import('../../../internal/maintenance/index.ts'),
    ]);
    const { output, logical, json } = input.options;
    const progress = createProgress(io, { verb: 'Wrote', noun: 'rows', clock: Date.now });
    let rows = 0;
    const done = (pieces: number): void => {
      rows += pieces;
      progress.done(pieces);
    };
    return withStores(input, io, async ({ catalog }) => {
      const snapshot = await catalog.snapshot();
      try {
        const text = dumpCatalog(snapshot, logical === true ? 'logical' : 'all', { done });
        if (typeof output === 'string') await writeWhole(output, io, text);
        else {
          for await (const piece of text) {
            io.stdout.write(piece);
            if ((await io.stdout.flushed?.()) === false) break;
          }
        }
      } finally {
        await snapshot.close();
      }
      progress.clear();
      if (typeof output === 'string' && json === true) writeJson(io.stdout, { file: output, rows });
      else if (typeof output === 'string') io.stdout.write(`Wrote ${rows.toLocaleString('en')} rows to ${output}.\n`);
      return 0;
    });
  },
};
