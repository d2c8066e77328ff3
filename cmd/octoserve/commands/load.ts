import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError, type Command } from '../../../internal/cli/index.ts';
import { REPLACE } from '../shared-options.ts';
import { systemCodeOf } from '../system-failure.ts';

export const load: Command = {
  name: 'load',
  summary: 'Fills an empty catalog from a dump, whichever database either of them is.',
  example: 'octoserve load catalog.dump --config postgres.json',
  arguments: ['<file>'],
  options: [REPLACE, { flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [stores, { makeWay, refusal }, { createProgress, writeJson }, { checkDump, DumpError, loadDump }] =
      await Promise.all([
        import('../stores.ts'),
        import('../catalog-to-fill.ts'),
        import('../../../internal/cli/index.ts'),
        import('../../../internal/maintenance/index.ts'),
      ]);
    const [name = ''] = input.arguments;
    const path = resolve(io.cwd, name);

    /** Says of the dump what is wrong with it. */
    async function telling<Result>(act: () => Promise<Result>): Promise<Result> {
      try {
        return await act();
      } catch (cause) {
        if (cause instanceof DumpError) throw new CliError(`${name} cannot be loaded: ${cause.message}`, { cause });
        const code = systemCodeOf(cause);
        if (code === undefined) throw cause;
        const hint = 'Name the file that octoserve dump --output wrote.';
        throw new CliError(`${name} cannot be read: ${code}`, { hint, cause });
      }
    }

    const end = await telling(async () => {
      if (!(await stat(path)).isFile()) {
        const hint = 'A dump is read twice, first only to check it: write it to a file, and name that.';
        throw new CliError(`${name} is not a file`, { hint });
      }
      return checkDump(createReadStream(path));
    });
    const config = await stores.needStores(input, io);
    await makeWay(config, input.options['replace'] === true, io);
    const onProgress = createProgress(io, { verb: 'Loaded', noun: 'rows', clock: Date.now });
    return stores.withCatalog(config, async (catalog) => {
      const loaded = await telling(() =>
        loadDump({ catalog, end, bytes: createReadStream(path), clock: Date.now, onProgress }),
      );
      onProgress.clear();
      if (loaded.kind !== 'loaded') throw refusal(loaded, config);
      const sum = Object.values(end.rows).reduce((all, some) => all + some, 0);
      if (input.options['json'] === true) writeJson(io.stdout, { file: name, rows: end.rows });
      else io.stdout.write(`Loaded ${sum.toLocaleString('en')} rows from ${name}.\n`);
      return 0;
    });
  },
};
