import { openCatalog, type Catalog, type CatalogSnapshot, type DumpScope } from '../catalog/index.ts';
import type { Rig } from '../registry/fixtures.suite.ts';
import type { Door } from '../registry/index.ts';
import { dumpCatalog } from './dump.ts';
import type { Problem } from './problem.ts';
import { rebuildCatalog, type Rebuilt } from './rebuild.ts';
import { verifyStores, type Verified, type VerifyDeps } from './verify.ts';

// A suite by its name only because nothing but tests may import it.

/** A catalog of its own with nothing in it. */
export function openEmpty(): Promise<Catalog> {
  const settings = { 'catalog.type': 'sqlite', 'catalog.path': undefined } as const;
  return openCatalog(settings, { path: '', durability: 'os', memory: true });
}

/** The whole text of a dump. */
export async function readDump(catalog: Catalog, scope: DumpScope = 'all'): Promise<string> {
  return readSnapshot(await catalog.snapshot(), scope);
}

/** The same of a snapshot, which it closes. */
export async function readSnapshot(snapshot: CatalogSnapshot, scope: DumpScope): Promise<string> {
  try {
    let text = '';
    for await (const piece of dumpCatalog(snapshot, scope, { done: () => undefined })) text += piece;
    return text;
  } finally {
    await snapshot.close();
  }
}

/** Its rows, as objects. */
export async function readRows(catalog: Catalog, scope?: DumpScope): Promise<readonly Record<string, unknown>[]> {
  const lines = (await readDump(catalog, scope)).trimEnd().split('\n').slice(1, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Keeps what is told. */
export function createTold() {
  const problems: Problem[] = [];
  const progress = { all: 0, sum: 0 };
  return {
    problems,
    progress,
    onProblem: (problem: Problem) => void problems.push(problem),
    onProgress: {
      total: (pieces: number) => void (progress.all = pieces),
      done: (pieces: number) => void (progress.sum += pieces),
    },
  };
}

/** A rebuild of what the rig stores, which must be possible, with the problems that it told. */
export async function rebuildFrom(
  { storage, clock }: Rig,
  catalog: Catalog,
  doors?: readonly Door[],
): Promise<Rebuilt & { readonly problems: readonly Problem[] }> {
  const { problems, onProblem, onProgress } = createTold();
  const rebuilt = await rebuildCatalog({ storage, catalog, doors, clock: () => clock.nowMs, onProblem, onProgress });
  if (rebuilt.kind !== 'rebuilt') throw new Error(`the rebuild was refused: ${rebuilt.kind}`);
  return { ...rebuilt, problems };
}

export type Looked = Verified & { readonly found: readonly Problem[]; readonly loose: readonly string[] };

/** A verification of the rig, alone in the world. */
export async function verifyRig(rig: Rig, options: Partial<VerifyDeps> = {}): Promise<Looked> {
  const { problems, onProblem, onProgress } = createTold();
  const loose: string[] = [];
  const verified = await verifyStores({
    storage: rig.storage,
    catalog: rig.catalog,
    clock: () => rig.clock.nowMs,
    content: false,
    repair: false,
    followChanges: (signal) => rig.registry.chores.followChanges(signal),
    alone: (run) => run(new AbortController().signal),
    onProblem,
    onOrphan: ({ digest }) => loose.push(digest),
    onProgress,
    ...options,
  });
  return { ...verified, found: problems, loose };
}
