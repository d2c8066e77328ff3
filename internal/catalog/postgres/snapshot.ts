import { createSnapshot } from '../snapshot.ts';
import type { Statement, Text } from '../statement.ts';
import type { CatalogSnapshot } from '../types.ts';
import { connect } from './connect.ts';
import type { Named } from './dialect.ts';
import { toCatalogError } from './failures.ts';
import { createSession, type Session } from './session.ts';
import type { PostgresSettings } from './settings.ts';

const ROWS_AT_ONCE = 500;

/**
 * A read-only transaction that sees one moment, on a connection of its own without limits of time. Nobody waits for it,
 * but until it is closed the database keeps every row that it may still read.
 */
export async function openSnapshot(
  settings: PostgresSettings,
  statements: (text: Text) => Named,
): Promise<CatalogSnapshot> {
  const client = await connect(settings);
  const session = createSession(client, statements);
  const close = async (): Promise<void> => void client.end();
  try {
    await session.ask('begin isolation level repeatable read, read only');
    await session.ask('select name from migrations limit 1'); // it is the first read that settles what is seen
  } catch (error) {
    await close();
    throw toCatalogError(error);
  }
  return createSnapshot({ stream: streamsOf(session, statements), close });
}

function streamsOf({ ask }: Session, statements: (text: Text) => Named) {
  let cursors = 0;
  return async function* stream<Row>(text: Statement<{}, Row>): AsyncGenerator<Row> {
    const cursor = `rows_${++cursors}`;
    try {
      await ask(`declare ${cursor} no scroll cursor for ${statements(text).sql}`);
      for (let rows; (rows = await ask(`fetch ${ROWS_AT_ONCE} from ${cursor}`)).length > 0;)
        yield* rows as readonly Row[];
    } catch (error) {
      throw toCatalogError(error);
    } finally {
      await ask(`close ${cursor}`).catch(() => undefined); // it ends with the transaction at the latest
    }
  };
}
