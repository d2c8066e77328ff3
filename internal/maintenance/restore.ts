import type { Catalog, CommandResult } from '../catalog/index.ts';
import { RowWriter } from './row-writer.ts';

/** Why a catalog cannot be filled: it holds something, or part of what another restore began. */
export type Refused = Extract<CommandResult<'beginRestore'>, { kind: 'notEmpty' | 'unfinished' }>;

/**
 * Fills an empty catalog, or goes on where the same holder left off. Until `fill` has ended well the catalog says that
 * it is unfinished, and no server serves it.
 */
export async function restoreCatalog<Result>(
  catalog: Catalog,
  holder: string,
  clock: () => number,
  fill: (rows: RowWriter) => Promise<Result>,
): Promise<Refused | Readonly<{ kind: 'restored'; result: Result }>> {
  const begun = await catalog.run('beginRestore', { holder });
  if (begun.kind === 'notEmpty' || begun.kind === 'unfinished') return begun;
  const rows = new RowWriter(catalog);
  const result = await fill(rows);
  await rows.flush();
  await catalog.run('endRestore', { holder, nowMs: clock() });
  return { kind: 'restored', result };
}
