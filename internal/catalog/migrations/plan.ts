import { CatalogError } from '../types.ts';
import type { Migration } from './migration.ts';

/** A migration that a catalog says it has had. */
export interface Applied {
  readonly name: string;
  readonly version: string;
}

/**
 * What is left to do to a catalog. A name that this program does not know was given by a later one: opening such a
 * catalog could undo what that one relies on, so it is refused as `newer`.
 */
export function planMigrations(known: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const names = new Set(known.map(({ name }) => name));
  const foreign = applied.filter(({ name }) => !names.has(name));
  const last = foreign.at(-1);
  if (last) {
    throw new CatalogError(
      'newer',
      `the catalog was changed by Octoserve ${last.version} (${foreign.map(({ name }) => name).join(', ')}); ` +
        `this program knows changes up to ${known.at(-1)?.name ?? 'none'}: start version ${last.version} or later`,
    );
  }
  const done = new Set(applied.map(({ name }) => name));
  return known.filter(({ name }) => !done.has(name));
}
