import type { Catalog, CatalogSnapshot, Queries } from '../types.ts';
import type { Connection } from './connection.ts';
import { createExecutor, type Executor } from './executor.ts';
import { toCatalogError } from './failures.ts';
import type { WriterData } from './messages.ts';
import { openMemory, openReader } from './open.ts';
import { createQueries } from './queries.ts';
import { rememberRows } from './remembered-rows.ts';
import { openFileSnapshot, openMemorySnapshot } from './snapshot.ts';
import { startWriter } from './thread.ts';
import { createTurnReader, type TurnReader } from './turn-reader.ts';

/** Opens the catalog in a file whose folder is there: commands in a thread, queries on a connection of this thread. */
export async function openFileCatalog(data: WriterData): Promise<Catalog> {
  const executor = await startWriter(data);
  try {
    const reader = createTurnReader(openReader(data.path));
    const queries = rememberRows(createQueries(reader), () => reader.version());
    return createCatalog(reader, queries, renewing(executor, reader), () => openFileSnapshot(data.path));
  } catch (error) {
    await executor.close();
    throw toCatalogError(error);
  }
}

/** Whoever hears that a command is done, or that it may be, reads what it did. */
function renewing(executor: Executor, reader: TurnReader): Executor {
  return {
    ...executor,
    run: (name, args) => executor.run(name, args).finally(() => reader.renew()),
  };
}

/** A catalog in memory, for tests and `storage.type: memory`: the same text on one connection of this thread. */
export async function openMemoryCatalog(): Promise<Catalog> {
  const connection = openMemory();
  return createCatalog(connection, createQueries(connection), createExecutor(connection), () =>
    openMemorySnapshot(connection),
  );
}

function createCatalog(
  reader: Connection,
  queries: Queries,
  executor: Executor,
  snapshot: () => Promise<CatalogSnapshot>,
): Catalog {
  let closing: Promise<void> | undefined;
  return {
    queries,
    run: (name, args) => executor.run(name, args),
    snapshot,
    check: async () => {
      try {
        reader.ask('select name from migrations limit 1');
      } catch (error) {
        throw toCatalogError(error);
      }
      await executor.check();
    },
    close: () => (closing ??= executor.close().finally(() => reader.close())),
  };
}
