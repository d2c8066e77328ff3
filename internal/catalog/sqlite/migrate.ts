import { sql } from 'kysely';
import { MIGRATIONS } from '../migrations/list.ts';
import { planMigrations, type Applied } from '../migrations/plan.ts';
import { statement } from '../statement.ts';
import { drive, run } from '../step.ts';
import type { Connection } from './connection.ts';

const recordMigration = statement<{ name: string; version: string }>()((q, p) =>
  q.insertInto('migrations').values({
    name: p.name,
    version: p.version,
    applied_ms: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  }),
);

/**
 * Brings the file to this program's schema, all migrations in one transaction. Looks before it locks, so that a
 * process that finds nothing to do waits for no writer; and once more under the lock, so that of several that start
 * together one does it.
 */
export function migrate(connection: Connection): void {
  if (planMigrations(MIGRATIONS, applied(connection)).length === 0) return;
  connection.exec('begin immediate');
  try {
    apply(connection);
    connection.exec('commit');
  } catch (error) {
    if (connection.inTransaction()) connection.exec('rollback');
    throw error;
  }
}

function apply(connection: Connection): void {
  connection.exec(
    'create table if not exists migrations (name text primary key, version text not null, applied_ms integer not null) strict',
  );
  for (const { name, version, sqlite } of planMigrations(MIGRATIONS, applied(connection))) {
    for (const text of sqlite) connection.exec(text);
    drive(run(recordMigration, { name, version }), connection.execute);
  }
}

function applied(connection: Connection): readonly Applied[] {
  const tables = connection.ask("select name from sqlite_schema where type = 'table' and name = 'migrations'");
  if (tables.length === 0) return [];
  const rows = connection.ask('select name, version from migrations order by name');
  return rows.map(({ name, version }) => ({ name: String(name), version: String(version) }));
}
