import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCatalog, type Catalog } from '../../../internal/catalog/index.ts';
import { startOctoserve } from '../peers/octoserve.ts';
import { fillStage } from './fill.ts';
import { stagesOf } from './layout.ts';
import { measureGrown, type Measured, type MeasureOptions, type Pair, type Store } from './measure.ts';
import { planGrowth, type GrowthStep } from './plan.ts';

export interface GrowthOptions extends MeasureOptions {
  /** Of both stores: what an earlier run left there is used, and grown further. */
  readonly folder: string;
  /** The smallest first, which the others are compared with: two at least. */
  readonly sizes: readonly number[];
  /** Databases of nobody else's; SQLite where they are not given. */
  readonly postgres: Pair<string> | undefined;
}

/** All that was measured at one size, beside the smallest. */
export interface SizeFigures {
  readonly size: number;
  readonly measured: readonly Measured[];
}

/** Written into a store's folder when a stage is complete. */
interface State {
  readonly ends: readonly number[];
}

/** Where a store is. */
interface Place {
  readonly folder: string;
  readonly postgres: string | undefined;
}

/** Batches that are written at the same time: PostgreSQL has a process for each connection. */
const AT_ONCE = { sqlite: 2, postgres: 4 };

const dataOf = ({ folder }: Place): string => join(folder, 'data');
const stateOf = ({ folder }: Place): string => join(folder, 'growth.json');

async function readEnds(place: Place): Promise<readonly number[]> {
  const text = await readFile(stateOf(place), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? [] : (JSON.parse(text) as State).ends;
}

function open(place: Place): Promise<Catalog> {
  const deps = { path: join(dataOf(place), 'catalog.db'), durability: 'os' } as const;
  if (place.postgres === undefined) return openCatalog({ 'catalog.type': 'sqlite', 'catalog.path': undefined }, deps);
  const settings = {
    'catalog.type': 'postgres',
    'catalog.path': undefined,
    'catalog.url': place.postgres,
    'catalog.pool_size': AT_ONCE.postgres,
    'catalog.connect_timeout': 5000,
    'catalog.statement_timeout': 30_000,
  } as const;
  return openCatalog(settings, deps);
}

/** The store at that step, grown to it where it was smaller. */
async function reach(place: Place, { ends, grows }: GrowthStep, onStep: (text: string) => void): Promise<Store> {
  const stages = stagesOf(ends);
  const stage = stages.at(-1);
  if (grows && stage) {
    await mkdir(dataOf(place), { recursive: true });
    const catalog = await open(place);
    try {
      const atOnce = place.postgres === undefined ? AT_ONCE.sqlite : AT_ONCE.postgres;
      await fillStage({ catalog, data: dataOf(place), stage, atOnce, onStep });
    } finally {
      await catalog.close();
    }
    await writeFile(stateOf(place), JSON.stringify({ ends } satisfies State));
  }
  return { stages, start: () => start(place) };
}

function start({ folder, postgres }: Place): ReturnType<Store['start']> {
  return startOctoserve({
    folder,
    durability: 'full',
    logsRequests: false,
    workers: '1',
    env: {
      OCTOSERVE_SCRUB_ENABLED: 'false', // it would find that most content is not there
      ...(postgres !== undefined && { OCTOSERVE_CATALOG_TYPE: 'postgres', OCTOSERVE_CATALOG_URL: postgres }),
    },
  });
}

/** Grows one store from size to size, and measures our server on it at each, beside a store that stays at the smallest. */
export async function runGrowth(options: GrowthOptions): Promise<readonly SizeFigures[]> {
  const { folder, sizes, postgres, onStep } = options;
  const place = (side: keyof Pair<Store>): Place => ({ folder: join(folder, side), postgres: postgres?.[side] });
  const [smallest = 0, ...larger] = sizes;
  const [first] = planGrowth([smallest], await readEnds(place('small')));
  const steps = planGrowth(larger, await readEnds(place('large')));
  if (!first) return [];
  const small = await reach(place('small'), first, onStep);
  const figures: SizeFigures[] = [];
  for (const step of steps) {
    const size = step.ends.at(-1) ?? 0;
    const large = await reach(place('large'), step, onStep);
    const tell = (text: string): void => onStep(`measuring ${size.toLocaleString('en')}: ${text}`);
    figures.push({ size, measured: await measureGrown({ small, large }, { ...options, onStep: tell }) });
  }
  return figures;
}
