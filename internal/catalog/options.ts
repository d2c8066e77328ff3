import type { ConfigOf, Option } from '../config/index.ts';

export const CATALOG_OPTIONS = [
  {
    key: 'catalog.type',
    type: ['sqlite', 'postgres'],
    default: 'sqlite',
    doc: 'The database that answers what is where: a file of this machine, or one that several servers share.',
  },
  {
    key: 'catalog.path',
    type: 'string',
    default: undefined,
    doc: 'The SQLite file; catalog.db in storage.path where it is not set.',
  },
  {
    key: 'catalog.url',
    type: 'string',
    default: undefined,
    doc: 'The PostgreSQL database: postgres://user:password@host:5432/database, with ?sslmode=verify-full for TLS.',
    secret: true,
    check: checkPostgresUrl,
  },
  {
    key: 'catalog.pool_size',
    type: 'integer',
    default: 10,
    doc: 'How many connections to PostgreSQL each process may open.',
    check: (size: number) => (size >= 2 && size <= 1000 ? undefined : 'must be between 2 and 1000'),
  },
  {
    key: 'catalog.connect_timeout',
    type: 'duration',
    default: '5s',
    doc: 'How long to wait for a connection to PostgreSQL, a new one or one that is in use.',
    check: (ms: number) => (ms >= 100 ? undefined : 'must be 100ms or more'),
  },
  {
    key: 'catalog.statement_timeout',
    type: 'duration',
    default: '30s',
    doc: 'How long a statement on PostgreSQL may take, and a transaction stand still; 0s leaves it to the server.',
  },
] as const satisfies readonly Option[];

export type CatalogConfig = ConfigOf<typeof CATALOG_OPTIONS>;

// As PostgreSQL's own clients mean them; `prefer` and `allow`, which may silently go without, are not offered.
const SSL_MODES: readonly (string | null)[] = [null, 'disable', 'require', 'verify-ca', 'verify-full'];

/** What is wrong with it, without a word of it: it holds a password. */
function checkPostgresUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(?:ql)?:$/.test(url.protocol) || !url.host) {
    return 'must be a URL such as postgres://user:password@host:5432/database, with %2F for / and %40 for @ in a password';
  }
  if (url.username === '') return 'must name a user: postgres://user:password@host/database';
  if (!/^\/[^/]+$/.test(url.pathname)) return 'must name a database: postgres://user:password@host/database';
  const mode = url.searchParams.get('sslmode');
  if (!SSL_MODES.includes(mode)) return 'must have an sslmode of disable, require, verify-ca or verify-full, or none';
  const lacksAuthority = mode === 'verify-ca' && !url.searchParams.has('sslrootcert');
  return lacksAuthority ? 'must name a file of certificates by sslrootcert= where sslmode is verify-ca' : undefined;
}
