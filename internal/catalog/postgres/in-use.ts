import { setTimeout } from 'node:timers/promises';
import { connect } from './connect.ts';
import { toCatalogError } from './failures.ts';
import type { PostgresSettings } from './settings.ts';

/** Ours go by one name, as `settings.ts` or the URL gives it. */
const OTHERS = `
  select from pg_stat_activity
  where datname = current_database()
    and application_name = current_setting('application_name')
    and pid <> pg_backend_pid()
  limit 1`;

/** The server may see the connections of a process for a moment after it has ended. */
const LOOKS = 8;
const PAUSE_MS = 250;

/** Whether any process of ours is connected to the database, and stays so. */
export async function isInUse(settings: PostgresSettings): Promise<boolean> {
  const client = await connect(settings);
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      if (look > 0) await setTimeout(PAUSE_MS);
      if ((await client.query(OTHERS)).rowCount === 0) return false;
    }
    return true;
  } catch (error) {
    throw toCatalogError(error);
  } finally {
    void client.end();
  }
}
