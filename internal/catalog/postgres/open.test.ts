import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { askPostgres, startPostgres, type OwnPostgresServer } from '../../testing/postgres.ts';
import { findFreePort } from '../../testing/e2e/ports.ts';
import { digest, freshRepository, putBlob, SIZE } from '../fixtures.suite.ts';
import { openCatalog } from '../index.ts';
import { MIGRATIONS } from '../migrations/list.ts';
import type { Catalog, CatalogError } from '../types.ts';
import { openPostgresCatalog } from './catalog.ts';
import { settingsFor } from './fixtures.suite.ts';
import { untilBlocked } from './race.suite.ts';
import type { PostgresSettings } from './settings.ts';

// A server of our own, whatever others there are: it is stopped, and roles are made.
let server: OwnPostgresServer;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server.close());

const NOT_AVAILABLE = 'The catalog is not available: ';
const AVAILABLE = 'The catalog is available again';

interface Opened {
  readonly catalog: Catalog;
  /** What the operator was told. */
  readonly lines: readonly string[];
}

async function open(url: string, more: Partial<PostgresSettings> = {}): Promise<Opened> {
  const lines: string[] = [];
  const log = { info: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) };
  return { catalog: await openPostgresCatalog(settingsFor(url, more), log), lines };
}

async function eventually(what: () => Promise<unknown>): Promise<void> {
  while (
    !(await what().then(
      () => true,
      () => false,
    ))
  )
    await new Promise(setImmediate);
}

function changed(url: string, change: (url: URL) => void): string {
  const other = new URL(url);
  change(other);
  return other.href;
}

const BUSY = { name: 'CatalogError', failure: 'busy' };

describe('opening a catalog on PostgreSQL', () => {
  it('finds what was there before', async () => {
    const [url, repository] = [await server.createDatabase(), freshRepository()];
    const first = await open(url);
    await putBlob(first.catalog, repository, 'kept');
    await first.catalog.close();
    const second = await open(url);
    expect(await second.catalog.queries.findBlob(repository, digest('kept'))).toEqual({ sizeBytes: SIZE });
    await second.catalog.close();
    expect([first.lines, second.lines]).toEqual([[], []]);
  });

  it('makes the tables once where several start together', async () => {
    const url = await server.createDatabase();
    const opened = await Promise.all(Array.from({ length: 5 }, () => open(url)));
    await Promise.all(opened.map(({ catalog }, i) => putBlob(catalog, freshRepository(), `blob ${i}`)));
    expect((await opened[0]!.catalog.queries.totals()).blobBytes).toBe(5 * SIZE);
    expect(await askPostgres(url, 'select count(*)::int as n from migrations')).toEqual([{ n: MIGRATIONS.length }]);
    expect(opened.flatMap(({ lines }) => lines)).toEqual([]);
    await Promise.all(opened.map(({ catalog }) => catalog.close()));
  });

  it('waits for another that is making them, and makes none itself', async () => {
    const url = await server.createDatabase();
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query("begin; select pg_advisory_xact_lock(1868788847, hashtext('migrations'))");
    const opening = open(url);
    await untilBlocked(url);
    await other.query('rollback');
    await other.end();
    const { catalog, lines } = await opening;
    await catalog.check();
    expect(lines).toEqual([]);
    await catalog.close();
  });

  it('refuses a catalog that a later version has changed, and leaves it as it is', async () => {
    const url = await server.createDatabase();
    await (await open(url)).catalog.close();
    await askPostgres(url, "insert into migrations values ('9999-later', '9.9', 1)");
    const tables = () => askPostgres(url, "select relname from pg_class where relkind in ('r', 'i') order by 1");
    const before = await tables();
    const newer = { failure: 'newer', message: expect.stringContaining('9.9') };
    await expect(open(url)).rejects.toMatchObject(newer);
    expect(await tables()).toEqual(before);
  });

  it('leaves nothing of a migration that fails half-way', async () => {
    const url = await server.createDatabase();
    await askPostgres(url, 'create table uploads (mine text)');
    await expect(open(url)).rejects.toMatchObject({ failure: 'broken', message: expect.stringContaining('uploads') });
    expect(await askPostgres(url, "select relname from pg_class where relname in ('tags', 'migrations')")).toEqual([]);
  });

  it('takes its settings from the configuration, and asks for a URL', async () => {
    const config = {
      'catalog.type': 'postgres',
      'catalog.path': undefined,
      'catalog.url': await server.createDatabase(),
      'catalog.pool_size': 3,
      'catalog.connect_timeout': 60_000,
      'catalog.statement_timeout': 60_000,
    } as const;
    const deps = { path: '', durability: 'full' } as const;
    const catalog = await openCatalog(config, deps);
    await catalog.check();
    await catalog.close();
    const unset = openCatalog({ ...config, 'catalog.url': undefined }, deps);
    await expect(unset).rejects.toThrow(/catalog\.url must say where/);
  });
});

describe('a PostgreSQL that cannot be used', () => {
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: CatalogError) => error.failure,
    );

  /** What the operator was told, and what whoever asks now is told. */
  const found = async ({ catalog, lines }: Opened) => ({
    lines: [...lines],
    tellsPassword: lines.some((line) => /for.{1,3}tests/.test(line)),
    check: await failureOf(catalog.check()),
    query: await failureOf(catalog.queries.hasRepository(freshRepository())),
    command: await failureOf(putBlob(catalog, freshRepository(), 'x')),
  });

  /** One line that says why and what to set, and everything is busy. */
  const away = (line: RegExp) => ({
    lines: [expect.stringMatching(new RegExp(`^${NOT_AVAILABLE}.*${line.source}.*$`))],
    tellsPassword: false,
    check: 'busy',
    query: 'busy',
    command: 'busy',
  });

  it('is away at start, comes, goes, and comes again: each is told, and it recovers by itself', async () => {
    const [url, repository] = [await server.createDatabase(), freshRepository()];
    await server.stop();
    const opened = await open(url);
    const { catalog, lines } = opened;
    expect(await found(opened)).toEqual(away(/refuses connections.*catalog\.url/));
    await server.start();
    await eventually(() => catalog.check());
    await putBlob(catalog, repository, 'kept');

    await server.stop();
    const gone = catalog.queries.findBlob(repository, digest('kept'));
    await expect(gone).rejects.toMatchObject(BUSY);
    await eventually(async () => expect(lines).toHaveLength(3));
    await expect(putBlob(catalog, repository, 'meanwhile')).rejects.toMatchObject(BUSY);
    await server.start();
    await eventually(() => catalog.check());
    expect(await catalog.queries.findBlob(repository, digest('kept'))).toEqual({ sizeBytes: SIZE });
    expect(await catalog.queries.findBlob(repository, digest('meanwhile'))).toBeUndefined();
    expect(lines.filter((line) => line === AVAILABLE)).toHaveLength(2);
    await catalog.close();
  }, 60_000);

  it('has no such database, until somebody creates it', async () => {
    const name = 'created_late';
    const url = changed(await server.createDatabase(), (each) => (each.pathname = name));
    const opened = await open(url);
    expect(await found(opened)).toEqual(
      away(/has no database created_late: create it, or name another in catalog\.url/),
    );
    const other = changed(url, (each) => (each.pathname = 'postgres'));
    await askPostgres(other, `create database ${name}`);
    await eventually(() => opened.catalog.check());
    expect(opened.lines.at(-1)).toBe(AVAILABLE);
    await opened.catalog.close();
  }, 60_000);

  it('lets the user make no tables, until somebody allows it', async () => {
    const owned = await server.createDatabase();
    await askPostgres(owned, "create role guest login password 'guest'");
    const opened = await open(changed(owned, (each) => Object.assign(each, { username: 'guest', password: 'guest' })));
    expect(await found(opened)).toEqual(away(/user guest may not make tables.*grant create/));
    await askPostgres(owned, 'grant create on schema public to guest');
    await eventually(() => opened.catalog.check());
    await opened.catalog.close();
  }, 60_000);

  it('is read-only, until it is not', async () => {
    const url = await server.createDatabase();
    const name = new URL(url).pathname.slice(1);
    await (await open(url)).catalog.close();
    await askPostgres(url, `alter database ${name} set default_transaction_read_only = on`);
    const opened = await open(url);
    expect(await found(opened)).toEqual(away(/is read-only: catalog\.url must name the primary/));
    await askPostgres(url, `set transaction read write; alter database ${name} reset default_transaction_read_only`);
    await eventually(() => opened.catalog.check());
    await opened.catalog.close();
  }, 60_000);

  it.each<[string, RegExp, (url: URL) => unknown]>([
    [
      'refuses the password',
      /refuses user octoserve with this password: .*catalog\.url/,
      (url) => (url.password = 'no'),
    ],
    ['knows no such user', /refuses user nobody.*catalog\.url/, (url) => (url.username = 'nobody')],
    ['is given no password', /catalog\.url, which has no password/, (url) => (url.password = '')],
    ['is looked for at no host', /host\.invalid.*(?:catalog\.url|DNS)/, (url) => (url.hostname = 'host.invalid')],
    ['offers no TLS', /SSL.*catalog\.url/, (url) => url.searchParams.set('sslmode', 'require')],
    [
      'is to be known by a file that is not there',
      /sslrootcert.*cannot be read/,
      (url) => (url.search = 'sslmode=verify-full&sslrootcert=/no/such/file.pem'),
    ],
  ])('%s', async (_, line, change) => {
    const opened = await open(changed(await server.createDatabase(), change));
    expect(await found(opened)).toEqual(away(line));
    await opened.catalog.close();
  });

  it('has an encoding in which names may not fit', async () => {
    const owned = await server.createDatabase();
    await askPostgres(
      owned,
      "create database ascii encoding 'SQL_ASCII' locale 'C' locale_provider libc template template0",
    );
    const opened = await open(changed(owned, (each) => (each.pathname = 'ascii')));
    expect(await found(opened)).toEqual(away(/ascii has the encoding SQL_ASCII.*catalog\.url.*UTF8/));
    await opened.catalog.close();
  });

  it('answers nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    const port = await findFreePort();
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    const opened = await open(`postgres://octo:x@127.0.0.1:${port}/registry`, { connectTimeoutMs: 200 });
    expect(await found(opened)).toEqual(away(/does not answer.*catalog\.url/));
    await opened.catalog.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('is closed while it is away', async () => {
    const port = await findFreePort();
    const { catalog } = await open(`postgres://octo:x@127.0.0.1:${port}/registry`);
    await catalog.close();
    await expect(catalog.check()).rejects.toMatchObject({ failure: 'broken' });
  });
});

describe('a process that just ends', () => {
  it('is not kept alive by a catalog that it did not close', async () => {
    const url = await server.createDatabase();
    const script = `
      const { openPostgresCatalog } = await import('${new URL('./catalog.ts', import.meta.url).href}');
      const { settingsFor, SILENT } = await import('${new URL('./fixtures.suite.ts', import.meta.url).href}');
      const catalog = await openPostgresCatalog(settingsFor('${url}'), SILENT);
      await catalog.check();
      console.log('open');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [[code], said] = await Promise.all([once(child, 'exit'), text(child.stdout)]);
    expect([code, said]).toEqual([0, 'open\n']);
  }, 60_000);
});
