import { TypeOverrides, types, type ClientConfig, type PoolConfig } from 'pg';

export interface PostgresSettings {
  /** `catalog.url`, as its option has checked it. */
  readonly url: string;
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  /** 0: as the server is set. */
  readonly statementTimeoutMs: number;
}

/** Where the database is, in words that may be told: no password. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly hasPassword: boolean;
}

/** Longer than the server takes to say that a statement's time is over: after that it says nothing any more. */
const GRACE_MS = 5000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const IDLE_MS = 60_000;
const DEFAULT_PORT = 5432;

/** Numbers as numbers, sums too: none of ours is beyond 2^53. */
const NUMBERS = new TypeOverrides();
NUMBERS.setTypeParser(types.builtins.INT8, Number);
NUMBERS.setTypeParser(types.builtins.NUMERIC, Number);

export function addressOf({ url: text }: Pick<PostgresSettings, 'url'>): Address {
  const url = new URL(text);
  return {
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || DEFAULT_PORT,
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    hasPassword: url.password !== '',
  };
}

/** For one connection that is given all the time it needs. */
export function clientConfig({ url, connectTimeoutMs }: PostgresSettings): ClientConfig {
  return {
    connectionString: withOrdinarySsl(url),
    connectionTimeoutMillis: connectTimeoutMs,
    fallback_application_name: 'octoserve',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    pipeline: true,
    types: NUMBERS,
  };
}

/** For connections that are shared: no statement, and nobody who forgot his transaction, keeps one for long. */
export function poolConfig(settings: PostgresSettings): PoolConfig {
  const { poolSize, statementTimeoutMs } = settings;
  return {
    ...clientConfig(settings),
    max: poolSize,
    idleTimeoutMillis: IDLE_MS,
    allowExitOnIdle: true,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + GRACE_MS,
  };
}

/** `pg` reads sslmode in a way of its own unless it is told to read it as PostgreSQL's clients do. */
function withOrdinarySsl(text: string): string {
  const url = new URL(text);
  if (url.searchParams.has('sslmode')) url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}
