import type { Exchange } from '../../http/index.ts';
import type { Exposition, Metrics } from '../../metrics/index.ts';
import { BASE, PACKAGE, PACKAGES, REGISTRIES, REGISTRY, VERSION, VERSIONS } from './paths.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const of = (name: string, list: string, one: string): Readonly<Record<string, string>> => ({
  [`GET ${list}`]: `${name}_reads`,
  [`GET ${one}`]: `${name}_reads`,
  [`POST ${list}`]: `${name}_creates`,
  [`PUT ${one}`]: `${name}_updates`,
  [`PATCH ${one}`]: `${name}_updates`,
  [`DELETE ${one}`]: `${name}_deletes`,
});

/** What a request that went well counts as (contract 3.2), by its method and route. */
const OPERATIONS: Readonly<Record<string, string>> = {
  [`GET ${REGISTRY}/index.json`]: 'index_requests',
  ...of('registry', REGISTRIES, REGISTRY),
  ...of('package', PACKAGES, PACKAGE),
  ...of('version', VERSIONS, VERSION),
  [`PUT ${VERSION}/content`]: 'version_creates',
  [`POST ${VERSION}/content`]: 'version_creates',
};
const TYPES = [...new Set(Object.values(OPERATIONS))].filter((type) => type !== 'version_updates');

const NAMES = {
  requests: 'cola_requests_total',
  operations: 'cola_operations_total',
  auth: 'cola_auth_failures_total',
  limit: 'cola_rate_limit_exceeded_total',
  invalid: 'cola_validation_errors_total',
} as const;

export interface ColaMetrics {
  /** Counts the request once it is answered. */
  begin(exchange: Exchange): void;
  /** All counts of all processes as the contract's JSON has them. */
  toJson(text: string): object;
  /** Of all metrics those of COLA. */
  only(exposition: Exposition): Exposition;
}

export function declareColaMetrics(metrics: Metrics): ColaMetrics {
  const plain = (name: string, help: string) => metrics.counter(name, help, []).with({});
  const requests = plain(NAMES.requests, 'Requests to COLA answered.');
  const auth = plain(NAMES.auth, 'Requests to COLA that were refused for who sent them.');
  const limit = plain(NAMES.limit, 'Requests to COLA that were one too many.');
  const wrong = plain(NAMES.invalid, 'Requests to COLA that were not as they must be.');
  const counter = metrics.counter(NAMES.operations, 'What was done through COLA.', ['type']);
  const operations = new Map(TYPES.map((type) => [type, counter.with({ type })]));
  const seconds = metrics
    .histogram('cola_request_duration_seconds', 'Time from head to end of answer.', [], SECONDS)
    .with({});

  function count(exchange: Exchange, status: number): void {
    requests.add(1);
    seconds.observe(exchange.elapsedMs / 1000);
    if (status === 401 || status === 403) auth.add(1);
    if (status === 429) limit.add(1);
    if (status === 400) wrong.add(1);
    if (status < 300 || status === 304)
      operations.get(OPERATIONS[`${exchange.method} ${exchange.route}`] ?? '')?.add(1);
  }

  return {
    begin(exchange) {
      exchange.res.once('close', () => {
        if (exchange.path.startsWith(`${BASE}/`))
          count(exchange, exchange.res.headersSent ? exchange.res.statusCode : 499);
      });
    },
    toJson(text) {
      const valueOf = (series: string): number => {
        const line = text.split('\n').find((one) => one.startsWith(`${series} `));
        return Number(line?.slice(series.length + 1) ?? 0);
      };
      return {
        total_requests: valueOf(NAMES.requests),
        by_type: Object.fromEntries(TYPES.map((type) => [type, valueOf(`${NAMES.operations}{type="${type}"}`)])),
        by_status: {
          auth_failures: valueOf(NAMES.auth),
          rate_limit_exceeded: valueOf(NAMES.limit),
          validation_errors: valueOf(NAMES.invalid),
        },
      };
    },
    only: ({ contentType, text }) => ({
      contentType,
      text: text
        .split('\n')
        .filter((line) => /^(?:# (?:HELP|TYPE) )?cola_/.test(line))
        .map((line) => `${line}\n`)
        .join(''),
    }),
  };
}
