import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCatalog, type Catalog } from '../../../internal/catalog/index.ts';
import { startOctoserve } from '../peers/octoserve.ts';
import { fillStage } from './fill.ts';
import { stagesOf } from './layout.ts';
import { measureSize, type MeasureOptions, type SizeFigures } from './measure.ts';
import { planGrowth } from './plan.ts';

export interface GrowthOptions extends Pick<MeasureOptions, 'rounds' | 'requests' | 'starts' | 'settleMs' | 'onStep'> {
  /** Of the store: what an earlier run left there is grown further. */
  readonly folder: string;
  readonly sizes: readonly number[];
  /** A PostgreSQL database of nobody else's; SQLite where it is not given. */
  readonly postgres: string | undefined;
}

/** Written into the folder when a stage is complete. */
interface State {
  readonly ends: readonly number[];
}

const POSTGRES_AT_ONCE = 4;

async function readEnds(path: string): Promise<readonly number[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? [] : (JSON.parse(text) as State).ends;
}

function open(data: string, url: string | undefined): Promise<Catalog> {
  const deps = { path: join(data, 'catalog.db'), durability: 'os' } as const;
  if (url === undefined) return openCatalog({ 'catalog.type': 'sqlite', 'catalog.path': undefined }, deps);
  const settings = {
    'catalog.type': 'postgres',
    'catalog.path': undefined,
    'catalog.url': url,
    'catalog.pool_size': POSTGRES_AT_ONCE,
    'catalog.connect_timeout': 5000,
    'catalog.statement_timeout': 30_000,
  } as const;
  return openCatalog(settings, deps);
}

/** Grows one store from size to size, and measures our server on it at each. */
export async function runGrowth(options: GrowthOptions): Promise<readonly SizeFigures[]> {
  const { folder, sizes, postgres, onStep } = options;
  const data = join(folder, 'data');
  const state = join(folder, 'growth.json');
  await mkdir(data, { recursive: true });
  const figures: SizeFigures[] = [];
  for (const { ends, grows } of planGrowth(sizes, await readEnds(state))) {
    const stages = stagesOf(ends);
    const stage = stages.at(-1);
    const startTicks = performance.now();
    if (grows && stage) {
      const catalog = await open(data, postgres);
      const atOnce = postgres === undefined ? 2 : POSTGRES_AT_ONCE;
      try {
        await fillStage({ catalog, data, stage, atOnce, onStep });
      } finally {
        await catalog.close();
      }
      await writeFile(state, JSON.stringify({ ends } satisfies State));
    }
    const fillSeconds = (performance.now() - startTicks) / 1000;
    const start: MeasureOptions['start'] = () =>
      startOctoserve({
        folder,
        durability: 'full',
        logsRequests: false,
        workers: '1',
        env: {
          OCTOSERVE_SCRUB_ENABLED: 'false', // it would find that most content is not there
          ...(postgres !== undefined && { OCTOSERVE_CATALOG_TYPE: 'postgres', OCTOSERVE_CATALOG_URL: postgres }),
        },
      });
    figures.push({ ...(await measureSize({ ...options, start, stages })), fillSeconds });
  }
  return figures;
}
