import { setImmediate } from 'node:timers/promises';
import { DUMP_STATEMENTS } from '../queries/dump.ts';
import { createSnapshot } from '../snapshot.ts';
import type { Statement, Text } from '../statement.ts';
import type { CatalogSnapshot } from '../types.ts';
import type { Connection } from './connection.ts';
import { toCatalogError } from './failures.ts';
import { openReader } from './open.ts';

/** After so many rows the event loop turns. */
const ROWS_AT_ONCE = 500;

/**
 * A read transaction on a connection of its own. Writers go on; only the write-ahead log cannot start over before it
 * ends, so it is for readers that do not dawdle.
 */
export async function openFileSnapshot(path: string): Promise<CatalogSnapshot> {
  let connection: Connection | undefined;
  try {
    connection = openReader(path);
    connection.exec('begin');
    connection.ask('select name from migrations limit 1'); // it is the first read that settles what is seen
    return createSnapshot(streamsOf(connection));
  } catch (error) {
    connection?.close();
    throw toCatalogError(error);
  }
}

function streamsOf(connection: Connection) {
  async function* stream<Row>(text: Statement<{}, Row>): AsyncGenerator<Row> {
    let given = 0;
    try {
      for (const row of connection.iterate(text)) {
        yield row as Row;
        if (++given % ROWS_AT_ONCE === 0) await setImmediate();
      }
    } catch (error) {
      throw toCatalogError(error);
    }
  }
  return { stream, close: async () => connection.close() };
}

/** Of a catalog in memory, whose one connection is everybody's: all of it is read now. */
export async function openMemorySnapshot(connection: Connection): Promise<CatalogSnapshot> {
  const rows = new Map<Text, readonly unknown[]>();
  for (const text of DUMP_STATEMENTS) rows.set(text, [...connection.iterate(text)]);
  async function* stream<Row>(text: Statement<{}, Row>): AsyncGenerator<Row> {
    yield* (rows.get(text) ?? []) as readonly Row[];
  }
  return createSnapshot({ stream, close: async () => rows.clear() });
}
