import type { Catalog } from '../../catalog/index.ts';

// Tells registries apart that share a target, and nothing else. It is a cursor, since the catalog keeps and dumps those.
const CURSOR = 'backup-registry';
const FIRST_NAMES = 2 ** 52;
/** Far fewer than there are first ones, so that a registry may be renamed as often as it is restored. */
const FURTHER_NAMES = 2 ** 30;

/** What no other registry is called, made when it is first asked for. */
export async function nameOfRegistry(catalog: Pick<Catalog, 'queries' | 'run'>, random: () => number): Promise<string> {
  if ((await catalog.queries.findCursor(CURSOR)) === 0) {
    await catalog.run('moveCursor', { name: CURSOR, sequence: 1 + Math.floor(random() * FIRST_NAMES) });
  }
  return String(await catalog.queries.findCursor(CURSOR));
}

/** Gives a registry that was restored another name: the one whose backup it was may be at work beside it. */
export async function renameRegistry(catalog: Pick<Catalog, 'queries' | 'run'>, random: () => number): Promise<void> {
  const sequence = (await catalog.queries.findCursor(CURSOR)) + 1 + Math.floor(random() * FURTHER_NAMES);
  await catalog.run('moveCursor', { name: CURSOR, sequence });
}
