import { isIP } from 'node:net';
import type { ConfigOf, Option } from './option.ts';

/** The options of no part in particular: listeners, processes, logs, metrics, and whether clients must sign in. */
export const CORE_OPTIONS = [
  {
    key: 'server.address',
    type: 'string',
    default: 'localhost',
    doc: 'The host name or address to listen on; localhost answers on 127.0.0.1 and ::1.',
  },
  { key: 'server.port', type: 'port', default: 5000, doc: 'The port to listen on.' },
  {
    key: 'server.public_url',
    type: 'string',
    default: undefined,
    doc: 'The URL by which clients reach this server; where it is not set, Location headers are relative.',
    check: checkOrigin,
  },
  {
    key: 'server.trusted_proxies',
    type: 'list',
    default: [],
    doc: 'Addresses and networks (CIDR) of proxies whose forwarded headers count.',
    check: checkNetworks,
  },
  {
    key: 'server.cors_origins',
    type: 'list',
    default: [],
    doc: 'Origins of other web sites whose pages may change content while auth.mode is none.',
    check: (origins: readonly string[]) => origins.map(checkOrigin).find((complaint) => complaint !== undefined),
  },
  {
    key: 'server.read_timeout',
    type: 'duration',
    default: '30s',
    doc: 'How long the headers of a request may take, and how long its body may stand still; 0s is no limit.',
  },
  {
    key: 'server.write_timeout',
    type: 'duration',
    default: '30s',
    doc: 'How long a response may stand still; 0s is no limit.',
  },
  {
    key: 'server.idle_timeout',
    type: 'duration',
    default: '120s',
    doc: 'How long a connection is kept open for the next request; 0s is no limit.',
  },
  {
    key: 'server.shutdown_timeout',
    type: 'duration',
    default: '30s',
    doc: 'How long running requests may go on once the server is told to stop.',
  },
  {
    key: 'server.max_header_size',
    type: 'bytes',
    default: '32KiB',
    doc: 'The largest header of a request, all its fields together.',
    check: (size: number) => (size >= 4096 && size <= 1_048_576 ? undefined : 'must be between 4KiB and 1MiB'),
  },
  {
    key: 'server.max_requests',
    type: 'integer',
    default: 256,
    doc: 'How many requests one process works on at once, not counting those whose client is waited for; more wait. 0 is no limit.',
    check: checkCount,
  },
  {
    key: 'server.max_waiting',
    type: 'integer',
    default: 1024,
    doc: 'How many requests wait for their turn in one process; more are refused with 503 and Retry-After.',
    check: checkCount,
  },
  {
    key: 'server.max_connections',
    type: 'integer',
    default: 10_000,
    doc: 'How many connections one process keeps; requests on others are refused with 503 and Retry-After. 0 is as many as the system allows.',
    check: checkCount,
  },
  {
    key: 'server.tls.cert',
    type: 'string',
    default: undefined,
    env: ['OCTOSERVE_TLS_CERT'],
    doc: 'The PEM file of the certificate chain; with server.tls.key it turns on HTTPS. Read again when it changes.',
    needs: 'server.tls.key',
  },
  {
    key: 'server.tls.key',
    type: 'string',
    default: undefined,
    env: ['OCTOSERVE_TLS_KEY'],
    doc: 'The PEM file of the private key.',
    needs: 'server.tls.cert',
  },
  {
    key: 'server.tls.client_ca',
    type: 'string',
    default: undefined,
    doc: 'The PEM file of authorities whose certificates let clients in, by auth.certificates. Read again when it changes.',
    needs: 'server.tls.cert',
  },
  {
    key: 'server.workers',
    type: 'string',
    default: '1',
    doc: 'How many processes share the port: a number, or auto for one per processor core.',
    check: (workers: string) => (/^(?:auto|[1-9]\d{0,2})$/.test(workers) ? undefined : 'must be auto, or 1 to 999'),
  },
  {
    key: 'log.level',
    type: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    doc: 'The least important records that are written.',
  },
  { key: 'log.format', type: ['json', 'text'], default: 'json', doc: 'The form of a record, one per line.' },
  { key: 'log.requests', type: 'boolean', default: true, doc: 'Whether each request leaves a record.' },
  { key: 'metrics.enabled', type: 'boolean', default: true, doc: 'Whether metrics are served.' },
  {
    key: 'metrics.endpoint',
    type: 'string',
    default: '/metrics',
    doc: 'The path of the metrics, in Prometheus text.',
    check: (path: string) =>
      /^(?:\/(?!\.)[A-Za-z0-9._~-]+)+$/.test(path) && !/^\/v2(?:\/|$)/.test(path)
        ? undefined
        : 'must be a path such as /metrics, and not below /v2',
  },
  {
    key: 'metrics.basic_auth.username',
    type: 'string',
    default: undefined,
    env: ['OCTOSERVE_METRICS_USERNAME'],
    doc: 'With a password: the name that a scraper gives.',
    idleWithout: 'metrics.basic_auth.password',
  },
  {
    key: 'metrics.basic_auth.password',
    type: 'string',
    default: undefined,
    env: ['OCTOSERVE_METRICS_PASSWORD'],
    doc: 'With a name: the password that a scraper gives.',
    secret: true,
    idleWithout: 'metrics.basic_auth.username',
  },
  {
    key: 'outbound.allow_networks',
    type: 'list',
    default: [],
    doc: 'Private addresses and networks (CIDR) that calls to others, such as identity providers, may reach, also without TLS.',
    check: checkNetworks,
  },
  {
    key: 'outbound.timeout',
    type: 'duration',
    default: '10s',
    doc: 'How long a call to another server may take, its answer included.',
    check: (ms: number) => (ms >= 100 ? undefined : 'must be 100ms or more'),
  },
  {
    key: 'auth.mode',
    type: ['none', 'basic', 'token'],
    default: 'none',
    doc: 'How clients sign in: none (whoever reaches the server may do everything), basic (a password with each request) or token (docker login, for short-lived tokens).',
  },
] as const satisfies readonly Option[];

export type CoreConfig = ConfigOf<typeof CORE_OPTIONS>;

function checkCount(count: number): string | undefined {
  return count >= 0 ? undefined : 'must be 0 or more';
}

function checkOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be a URL such as https://registry.example.com';
  return text === url.origin ? undefined : `must be scheme, host and port only, written as ${url.origin}`;
}

function checkNetworks(networks: readonly string[]): string | undefined {
  const wrong = networks.find((network) => !isNetwork(network));
  return wrong === undefined ? undefined : `must be addresses or networks such as 10.0.0.0/8, which ${wrong} is not`;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
