import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { askPostgres, openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import { actionsOf, at, digest, freshRepository, manifestArgs, putBlob, SIZE, tag } from '../fixtures.suite.ts';
import type { Catalog, CommandArgs } from '../types.ts';
import { openPostgresCatalog } from './catalog.ts';
import { createCommands } from './commands.ts';
import { createStatements } from './dialect.ts';
import { ConnectionLost } from './failures.ts';
import { createQueries } from './queries.ts';
import { settingsFor, SILENT } from './fixtures.suite.ts';
import { openPool, type Sessions } from './pool.ts';
import { untilBlocked } from './race.suite.ts';
import type { Session } from './session.ts';

let server: PostgresServer;
let url: string;
let catalog: Catalog;
beforeAll(async () => {
  server = await openPostgres();
  url = await server.createDatabase();
  catalog = await openPostgresCatalog(settingsFor(url), SILENT);
}, 60_000);
afterAll(async () => {
  await catalog.close();
  await server.close();
});

const KILL_OTHERS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;
const KILL_SELF = 'select pg_terminate_backend(pg_backend_pid())';

const finish = (what: string, repository = freshRepository()): CommandArgs<'finishUpload'> => ({
  ...at(),
  repository,
  digest: digest(what),
  sizeBytes: SIZE,
});

const patience = { pause: async () => undefined, random: () => 0.5 };

describe('connections that die', () => {
  let pool: Sessions;
  beforeEach(() => void (pool = openPool(settingsFor(url), createStatements(), () => undefined)));
  afterEach(() => pool.close());

  /** Commands over sessions with a fault in them. */
  const commandsOver = (faulty: (session: Session) => Session) =>
    createCommands({ use: (action) => pool.use((session) => action(faulty(session))) }, patience);

  it('in the middle of a transaction cost its caller nothing: it is run again, as if for the first time', async () => {
    const args = finish('killed once');
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query(`begin; insert into repositories (name) values ('${args.repository}')`);
    const finished = catalog.run('finishUpload', args);
    await untilBlocked(url);
    await blocker.query(KILL_OTHERS);
    await blocker.query('rollback');
    expect(await finished).toEqual({ kind: 'finished' });
    expect(await actionsOf(catalog, args.repository)).toEqual(['blob.put']);
    await blocker.end();
  });

  it('at every attempt make it busy, nothing of it is kept, and then all is right again', async () => {
    const args = manifestArgs(freshRepository(), 'killed always', { tags: [tag('v1')] });
    let attempts = 0;
    const run = commandsOver((session) => ({
      ...session,
      execute: async (step) => {
        const answer = await session.execute(step);
        if (step.params['tag'] === 'v1') {
          attempts += 1;
          await session.ask(KILL_SELF);
        }
        return answer;
      },
    }));
    await expect(run('putManifest', args)).rejects.toThrow(ConnectionLost);
    expect(attempts).toBe(8);
    expect(await catalog.queries.hasRepository(args.repository)).toBe(false);
    expect(await catalog.run('putManifest', args)).toEqual({ kind: 'stored' });
  });

  const loseAnswers = (session: Session): Session => ({
    ...session,
    ask: async (sql) => {
      const rows = await session.ask(sql);
      if (sql === 'commit') throw new ConnectionLost(new Error('the answer was lost'));
      return rows;
    },
  });

  it('after COMMIT was sent leave what was committed, and say busy where to run it twice is not as once', async () => {
    const args = finish('committed unbeknownst');
    const once = commandsOver(loseAnswers);
    await expect(once('finishUpload', args)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(await catalog.run('finishUpload', args)).toEqual({ kind: 'finished' });
    expect(await actionsOf(catalog, args.repository)).toEqual(['blob.put']);
  });

  it('after COMMIT was sent are no matter where to run it twice is as once', async () => {
    const args = manifestArgs(freshRepository(), 'pushed twice unbeknownst', { tags: [tag('v1')] });
    let lost = 0;
    const run = commandsOver((session) => (lost++ === 0 ? loseAnswers(session) : session));
    expect(await run('putManifest', args)).toEqual({ kind: 'stored' });
    expect(lost).toBe(2);
    expect(await actionsOf(catalog, args.repository)).toEqual(['manifest.put', 'tag.put v1']);
  });

  it('before COMMIT arrived leave nothing', async () => {
    const args = finish('never committed');
    const run = commandsOver((session) => ({
      ...session,
      ask: async (sql) => {
        if (sql === 'commit') await session.ask(KILL_SELF).catch(() => undefined);
        return session.ask(sql);
      },
    }));
    await expect(run('finishUpload', args)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(await catalog.queries.hasRepository(args.repository)).toBe(false);
  });

  it('while nobody uses them are replaced', async () => {
    const repository = freshRepository();
    await Promise.all(Array.from({ length: 20 }, (_, i) => putBlob(catalog, repository, `blob ${i}`)));
    await askPostgres(url, KILL_OTHERS);
    expect(await catalog.queries.findBlob(repository, digest('blob 7'))).toEqual({ sizeBytes: SIZE });
    await askPostgres(url, KILL_OTHERS);
    expect((await catalog.run('finishUpload', finish('next', repository))).kind).toBe('finished');
    await askPostgres(url, KILL_OTHERS);
    await catalog.check();
  });
});

describe('what takes too long', () => {
  it('is busy: a statement that waits for a lock, and later it is right again', async () => {
    const hasty = await openPostgresCatalog(settingsFor(url, { statementTimeoutMs: 500 }), SILENT);
    const args = finish('waits');
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query(`begin; insert into repositories (name) values ('${args.repository}')`);
    await expect(hasty.run('finishUpload', args)).rejects.toMatchObject({ name: 'CatalogError', failure: 'busy' });
    await blocker.query('rollback');
    expect(await hasty.run('finishUpload', args)).toEqual({ kind: 'finished' });
    await blocker.end();
    await hasty.close();
  });

  it('is waited for where it goes over whole tables: the end of a restore', async () => {
    const hasty = await openPostgresCatalog(settingsFor(url, { statementTimeoutMs: 500 }), SILENT);
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('begin; lock table gc_candidates in exclusive mode');
    const ended = hasty.run('endRestore', { holder: 'nobody', nowMs: 1 });
    await untilBlocked(url);
    await blocker.query('select pg_sleep(1); commit'); // twice as long as a statement may take
    await expect(ended).resolves.toBeUndefined();
    await blocker.end();
    await hasty.close();
  });

  it('is made up for at the end of a restore: PostgreSQL knows then what its tables hold', async () => {
    const filledUrl = await server.createDatabase();
    const filled = await openPostgresCatalog(settingsFor(filledUrl), SILENT);
    await filled.run('putManifest', manifestArgs(freshRepository(), 'image', { tags: [tag('v1'), tag('v2')] }));
    await filled.run('endRestore', { holder: 'nobody', nowMs: 1 });
    const [known] = await askPostgres(filledUrl, `select reltuples from pg_class where oid = 'tags'::regclass`);
    expect(known).toEqual({ reltuples: 2 });
    await filled.close();
  });

  it('is busy: to wait for a connection that others keep', async () => {
    let troubles = 0;
    const small = settingsFor(url, { poolSize: 2, connectTimeoutMs: 300 });
    const pool = openPool(small, createStatements(), () => void (troubles += 1));
    const released = Promise.withResolvers<void>();
    const keepers = [1, 2].map(() => pool.use(() => released.promise));
    await expect(pool.use(async () => 1)).rejects.toMatchObject({
      name: 'CatalogError',
      failure: 'busy',
      message: 'all 2 connections to PostgreSQL are in use: raise catalog.pool_size',
    });
    expect(troubles).toBe(1);
    let uses = 0;
    const counting: Pick<Sessions, 'use'> = {
      use: (action) => {
        uses += 1;
        return pool.use(action);
      },
    };
    await expect(createQueries(counting, patience).hasRepository(freshRepository())).rejects.toThrow('are in use');
    await expect(createCommands(counting, patience)('finishUpload', finish('late'))).rejects.toThrow('are in use');
    expect(uses).toBe(2); // whoever has waited once does not wait again
    released.resolve();
    await Promise.all(keepers);
    expect(await pool.use(async () => 1)).toBe(1);
    await pool.close();
  });

  it('is ended: a transaction that stands still, with its locks', async () => {
    const pool = openPool(settingsFor(url, { statementTimeoutMs: 500 }), createStatements(), () => undefined);
    const stuck = pool.use(async ({ ask }) => {
      await ask("begin; insert into cursors values ('stuck', 1)");
      const others = `select pid from pg_stat_activity where state = 'idle in transaction'`;
      while ((await askPostgres(url, others)).length > 0);
      return ask('commit');
    });
    await expect(stuck).rejects.toThrow(ConnectionLost);
    await catalog.run('moveCursor', { name: 'stuck', sequence: 7 });
    expect(await catalog.queries.findCursor('stuck')).toBe(7);
    await pool.close();
  });
});

describe('what a connection is given and gives', () => {
  it('has no NUL: PostgreSQL holds none', async () => {
    const repository = freshRepository();
    await catalog.run('finishUpload', { ...finish('nul', repository), ...at(1, 'al\0ice') });
    while ((await catalog.run('sealChanges', { nowMs: 1, limit: 1000 })).sealed > 0);
    const changes = await catalog.queries.listChanges({ limit: 1_000_000 });
    expect(changes.find((change) => change.repository === repository)?.by.principal).toBe('al\ufffdice');
  });

  it('has sizes and times beyond 32 bits as numbers, their sums too', async () => {
    const fresh = await openPostgresCatalog(settingsFor(await server.createDatabase()), SILENT);
    const repository = freshRepository();
    const sizeBytes = 5 * 2 ** 40;
    for (const what of ['a', 'b']) await fresh.run('finishUpload', { ...finish(what, repository), sizeBytes });
    expect(await fresh.queries.findBlob(repository, digest('a'))).toEqual({ sizeBytes });
    expect((await fresh.queries.totals()).blobBytes).toBe(2 * sizeBytes);
    await fresh.close();
  });

  it('fails one command whose arguments are wrong, and no other', async () => {
    const repository = freshRepository();
    const faulty = { ...finish('x', repository), sizeBytes: undefined } as unknown as CommandArgs<'finishUpload'>;
    const results = await Promise.allSettled([
      putBlob(catalog, repository, 'before'),
      catalog.run('finishUpload', faulty),
      putBlob(catalog, repository, 'after'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { name: 'CatalogError', failure: 'broken' } });
  });
});

describe('a catalog that is closed', () => {
  it('finishes what waits, refuses what comes later, and may be closed twice', async () => {
    const closing = await openPostgresCatalog(settingsFor(url, { poolSize: 2 }), SILENT);
    const repository = freshRepository();
    const waiting = Array.from({ length: 100 }, (_, i) => putBlob(closing, repository, `blob ${i}`));
    await Promise.all([closing.close(), closing.close(), ...waiting]);
    expect(await catalog.queries.findBlob(repository, digest('blob 99'))).toEqual({ sizeBytes: SIZE });
    const closed = { name: 'CatalogError', failure: 'broken' };
    await expect(putBlob(closing, repository, 'late')).rejects.toMatchObject(closed);
    await expect(closing.check()).rejects.toMatchObject(closed);
    await expect(closing.queries.totals()).rejects.toMatchObject(closed);
    await expect(closing.snapshot?.()).rejects.toMatchObject(closed);
  });
});
