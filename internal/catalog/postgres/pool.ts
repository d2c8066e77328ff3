import { Pool, type PoolClient } from 'pg';
import type { Text } from '../statement.ts';
import { CatalogError } from '../types.ts';
import type { Named } from './dialect.ts';
import { ConnectionLost, NoConnection, OutcomeUnknown } from './failures.ts';
import { createSession, type Session, type SessionOptions } from './session.ts';
import { poolConfig, type PostgresSettings } from './settings.ts';

/** Connections that are shared: never more than so many, never waited for longer than so long. */
export interface Sessions {
  /** Gives the action a connection of its own while it runs. */
  use<Result>(action: (session: Session) => Promise<Result>, how?: SessionOptions): Promise<Result>;
  /** Closes the connections, each when its action has ended. To be called once. */
  close(): Promise<void>;
}

/** Who comes after so many that wait already is sent away at once. */
const MOST_WAITING = 10_000;

/** `onTrouble` hears of connections that broke and of those that could not be made. */
export function openPool(
  settings: PostgresSettings,
  statements: (text: Text) => Named,
  onTrouble: () => void,
): Sessions {
  const pool = new Pool(poolConfig(settings));
  const { poolSize } = settings;
  let inUse = 0;
  pool.on('error', onTrouble); // of a connection that nobody uses just then
  // Of one in use, its query says so too; but an event that nobody listens to would end the process.
  pool.on('connect', (client) => void client.on('error', onTrouble));

  async function acquire(): Promise<PoolClient> {
    if (pool.waitingCount >= MOST_WAITING) throw new CatalogError('busy', 'too many wait for a connection already');
    try {
      return await pool.connect();
    } catch (error) {
      onTrouble();
      // Who has waited for one that others keep is not to wait for it again, eight times as long.
      if (inUse < poolSize) throw new NoConnection(error);
      const full = `all ${poolSize} connections to PostgreSQL are in use: raise catalog.pool_size`;
      throw new CatalogError('busy', full, error);
    }
  }

  return {
    use: async (action, how) => {
      const client = await acquire();
      let isLost = false;
      inUse += 1;
      try {
        return await action(createSession(client, statements, how));
      } catch (error) {
        isLost = error instanceof ConnectionLost || error instanceof OutcomeUnknown;
        if (isLost) onTrouble();
        throw error;
      } finally {
        inUse -= 1;
        client.release(isLost);
      }
    },
    close: () => pool.end(),
  };
}
