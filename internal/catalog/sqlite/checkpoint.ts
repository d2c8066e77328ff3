import { CatalogError } from '../types.ts';
import type { Connection } from './connection.ts';
import { insist, type Patience } from './insist.ts';

/** After so many changed rows the write-ahead log is copied into the file. */
const ROWS_BETWEEN = 1000;
/** 16 MiB of pages: a log that came to this although it was copied is one that other writers keep from starting over. */
const LONG_LOG_PAGES = 4096;
/** So long it is tried, then again after the next rows: this writer's callers wait meanwhile. */
const PATIENCE_MS = 250;

/**
 * Keeps the write-ahead log short; to be called between transactions, after their answers went out. SQLite's own
 * checkpoint never waits, and while several processes write without a pause the log then grows for ever: a long one is
 * made to start over, which lets the others' writers wait a moment.
 */
export function createCheckpointer(connection: Connection, patience: Patience): () => void {
  let copiedAt = 0;

  return () => {
    const changed = Number(connection.ask('select total_changes() as n')[0]?.['n']);
    if (changed - copiedAt < ROWS_BETWEEN) return;
    copiedAt = changed;
    const pages = copyLog(connection, 'passive')?.pages ?? 0;
    if (pages >= LONG_LOG_PAGES) startOver(connection, patience);
  };
}

/**
 * Copies the log into the file, as far as it can be. Undefined where it failed: nothing is lost by that, since the log
 * has everything still, and where the disk is at fault the next command says so to somebody who can be told.
 */
export function copyLog(
  connection: Connection,
  how: 'passive' | 'restart' | 'truncate',
): { readonly busy: boolean; readonly pages: number } | undefined {
  try {
    const [state] = connection.ask(`pragma wal_checkpoint(${how})`);
    return { busy: state?.['busy'] !== 0, pages: Number(state?.['log']) };
  } catch {
    return undefined;
  }
}

function startOver(connection: Connection, patience: Patience): void {
  const busy = new CatalogError('busy', 'the write-ahead log is in use');
  const restart = (): void => {
    if (copyLog(connection, 'restart')?.busy) throw busy;
  };
  try {
    insist(restart, patience, PATIENCE_MS);
  } catch (error) {
    if (error !== busy) throw error;
  }
}
