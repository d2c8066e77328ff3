import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  PRODUCT_VERSION,
  UsageError,
  writeJson,
  writeTable,
  type Command,
  type CommandInput,
} from '../../../internal/cli/index.ts';
import type { Pair } from '../growth/measure.ts';
import { parseSizes, SIZES } from '../growth/plan.ts';
import { countOf, durationOf, textOf } from './flags.ts';
import { createSteps } from './steps.ts';

export const growth: Command = {
  name: 'growth',
  summary:
    'Grows a store, and measures every request beside a small one; exit 1 where one grows faster than a logarithm.',
  example: 'octobench growth --sizes 1000,100000 --html growth.html',
  options: [
    { flags: '--sizes <list>', doc: `tags, manifests and blobs, the smallest first (default: ${SIZES})` },
    { flags: '--catalog <type>', doc: 'sqlite or postgres (default: sqlite)' },
    {
      flags: '--postgres <url,url>',
      doc: 'two empty databases: for the store that grows, and for the small one; they are left filled',
    },
    { flags: '--rounds <count>', doc: 'of all operations at each size (default: 7)' },
    {
      flags: '--requests <count>',
      doc: 'of each read in a round, one after the other; a third of writes (default: 300)',
    },
    { flags: '--starts <count>', doc: 'of the server at each size (default: 5)' },
    {
      flags: '--settle <time>',
      doc: 'that the machine gets to come to rest before figures count, at most (default: 30s)',
    },
    {
      flags: '--folder <path>',
      doc: 'for the store, to grow it further later (default: a temporary one, removed afterwards)',
    },
    { flags: '--json', doc: 'as JSON' },
    { flags: '--html <file>', doc: 'also as a page with plots' },
  ],
  async run({ options }, io) {
    const sizes = parseSizes(textOf(options, 'sizes') ?? SIZES);
    const postgres = postgresOf(options);
    const settings = {
      rounds: countOf(options, 'rounds') ?? 7,
      requests: countOf(options, 'requests') ?? 300,
      starts: countOf(options, 'starts') ?? 5,
      settleMs: durationOf(options, 'settle') ?? 30_000,
    };
    const [{ runGrowth }, { growthRows, hasGrown, linesOf }, { renderGrowth }, { describeMachine }] = await Promise.all(
      [
        import('../growth/run.ts'),
        import('../growth/report.ts'),
        import('../growth/page.ts'),
        import('../measure/machine.ts'),
      ],
    );
    const own = textOf(options, 'folder');
    const folder = own === undefined ? await mkdtemp(join(tmpdir(), 'octobench-growth-')) : resolve(io.cwd, own);
    const shown = createSteps(io);
    const run = {
      program: 'octobench growth',
      version: PRODUCT_VERSION,
      startedAt: new Date().toISOString(),
      machine: describeMachine(),
      settings: { catalog: postgres === undefined ? 'sqlite' : 'postgres', ...settings },
    };
    try {
      const figures = await runGrowth({ ...settings, sizes, postgres, folder, onStep: shown.tell }).finally(shown.end);
      const lines = linesOf(sizes[0] ?? 0, figures);
      if (options['json'] === true) writeJson(io.stdout, { ...run, lines });
      else writeTable(io.stdout, growthRows(lines));
      const path = textOf(options, 'html');
      if (path !== undefined) await writeFile(resolve(io.cwd, path), renderGrowth(run, lines));
      return hasGrown(lines) ? 1 : 0;
    } finally {
      if (own === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

/** The URLs of the databases; undefined for SQLite. */
function postgresOf(options: CommandInput['options']): Pair<string> | undefined {
  const [type = 'sqlite', urls] = [textOf(options, 'catalog'), textOf(options, 'postgres')];
  if (type !== 'sqlite' && type !== 'postgres') throw new UsageError(`--catalog ${type}: it is sqlite or postgres`);
  if (type === 'sqlite' && urls === undefined) return undefined;
  const [large = '', small = '', ...more] = urls?.split(',') ?? [];
  if (type === 'postgres' && more.length === 0 && large !== '' && small !== '' && large !== small) {
    return { small, large };
  }
  throw new UsageError('--catalog postgres and --postgres with two different URLs go together');
}
