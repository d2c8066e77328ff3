import { askPostgres, openPostgres, type SqlRows } from '../postgres.ts';
import { startRoundRobin, type RoundRobin } from './round-robin.ts';
import { startServer, type ServerProcess, type Settings } from './server-process.ts';
import { startVersitygw, type S3Service } from './versitygw.ts';

/** Servers that share a PostgreSQL database and a bucket and nothing else, behind a proxy. */
export interface Replicas {
  /** In the order in which they were started; some may not run just now. */
  readonly servers: readonly ServerProcess[];
  readonly proxy: RoundRobin;
  readonly service: S3Service;
  /** What each is started with, its port apart. */
  readonly settings: Settings;
  /** Runs SQL on the database. */
  ask(sql: string): Promise<SqlRows>;
  /** Starts a further one, behind the proxy too. */
  add(): Promise<ServerProcess>;
  /** Ends everything and leaves nothing behind. */
  close(): Promise<void>;
}

/** Starts so many at one moment, on an empty database and an empty bucket. */
export async function startReplicas(count: number, extra: Settings = {}): Promise<Replicas> {
  const opened: (() => Promise<void>)[] = [];
  async function close(): Promise<void> {
    for (const end of opened.splice(0).toReversed()) await end();
  }
  async function open<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
    const thing = await opening;
    opened.push(() => thing.close());
    return thing;
  }

  async function start(): Promise<Replicas> {
    const [postgres, service] = await settle([open(openPostgres()), open(startVersitygw())]);
    const database = await postgres.createDatabase();
    const settings: Settings = {
      'storage.type': 's3',
      'storage.s3.endpoint': service.endpoint,
      'storage.s3.bucket': service.bucket,
      'storage.s3.access_key_id': service.accessKeyId,
      'storage.s3.secret_access_key': service.secretAccessKey,
      'catalog.type': 'postgres',
      'catalog.url': database,
      ...extra,
    };
    const startOne = (): Promise<ServerProcess> => open(startServer(settings));
    const servers = await settle(Array.from({ length: count }, startOne));
    const proxy = await open(startRoundRobin(servers.map(({ port }) => port)));
    return {
      servers,
      proxy,
      service,
      settings,
      ask: (sql) => askPostgres(database, sql),
      async add() {
        const server = await startOne();
        servers.push(server);
        proxy.add(server.port);
        return server;
      },
      close,
    };
  }

  try {
    return await start();
  } catch (failure) {
    await close();
    throw failure;
  }
}

/** Like `Promise.all`, but fails only when nothing is under way any more. */
async function settle<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
