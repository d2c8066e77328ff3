import { sql } from 'kysely';
import { MIGRATIONS } from '../migrations/list.ts';
import { planMigrations, type Applied } from '../migrations/plan.ts';
import { statement } from '../statement.ts';
import { driveAsync, lock, run } from '../step.ts';
import { Unfit } from './explain.ts';
import type { Session } from './session.ts';

const recordMigration = statement<{ name: string; version: string }>()((q, p) =>
  q.insertInto('migrations').values({
    name: p.name,
    version: p.version,
    applied_ms: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  }),
);

/** Whether the database lacks a migration. Looks only, and waits for nobody; throws where it cannot be a catalog, or ours. */
export async function isBehind(session: Session): Promise<boolean> {
  await refuseUnfit(session);
  return planMigrations(MIGRATIONS, await applied(session)).length > 0;
}

/**
 * Brings the database to this program's schema, all migrations in one transaction and under a lock, so that of several
 * processes that start together one does it. Gives up where another takes long at it, or a table that is to change is in
 * use: the caller comes again.
 */
export async function migrate(session: Session): Promise<void> {
  await session.ask('begin isolation level read committed');
  try {
    await apply(session);
    await session.ask('commit');
  } catch (error) {
    // Where this fails too, the connection is lost and the transaction with it.
    await session.ask('rollback').catch(() => undefined);
    throw error;
  }
}

async function refuseUnfit(session: Session): Promise<void> {
  const [state] = await session.ask(
    "select current_database() as name, current_setting('server_encoding') as encoding, current_setting('transaction_read_only') as read_only",
  );
  if (state?.['read_only'] === 'on') {
    throw new Unfit(`database ${String(state['name'])} is read-only: catalog.url must name the primary, not a standby`);
  }
  if (state?.['encoding'] !== 'UTF8') {
    throw new Unfit(
      `database ${String(state?.['name'])} has the encoding ${String(state?.['encoding'])}: name one in catalog.url that was created with encoding UTF8`,
    );
  }
}

async function apply(session: Session): Promise<void> {
  // A migration takes the time that it needs, but lets nobody wait for it while it waits itself.
  await session.ask("set local statement_timeout = 0; set local lock_timeout = '5s'");
  await driveAsync(lock('migrations'), session.execute);
  await session.ask(
    'create table if not exists migrations (name text collate "C" primary key, version text not null, applied_ms bigint not null)',
  );
  for (const { name, version, postgres } of planMigrations(MIGRATIONS, await applied(session))) {
    for (const text of postgres) await session.ask(text);
    await driveAsync(run(recordMigration, { name, version }), session.execute);
  }
}

async function applied(session: Session): Promise<readonly Applied[]> {
  const [found] = await session.ask("select to_regclass('migrations') is not null as made");
  if (!found?.['made']) return [];
  const rows = await session.ask('select name, version from migrations order by name');
  return rows.map(({ name, version }) => ({ name: String(name), version: String(version) }));
}
