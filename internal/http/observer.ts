import { OciError } from '../../pkg/oci/index.ts';
import type { Audit } from '../auth/index.ts';
import { redactPath, redactQuery, type Fields, type Logger } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { denialOf } from './denials.ts';
import type { Exchange } from './exchange.ts';
import { Overloaded } from './work-limit.ts';

/** Sees each exchange end: one line in the log, one count in the metrics. */
export interface Observer {
  begin(exchange: Exchange): void;
}

/** One line in the log, of a request that was answered with `status` and a body of `sizeBytes`. */
export type RequestRecord = (
  exchange: Exchange,
  answered: { readonly status: number; readonly sizeBytes: number },
) => { readonly message: string; readonly fields: Fields };

export interface ObserverDeps {
  readonly log: Logger;
  /** `log.requests`: whether requests that went well are written; failures of ours always are. */
  readonly logRequests: boolean;
  readonly metrics: Metrics;
  /** Routes that are counted under their own name; all others are `other`. */
  readonly endpoints: ReadonlySet<string>;
  /** Paths that are not counted: the metrics endpoint itself. */
  readonly uncounted: ReadonlySet<string>;
  /** How the line of a request looks; the product's own where it is not given. */
  readonly recordOf?: RequestRecord | undefined;
  /** Told of each refusal of a principal, when it was answered. */
  readonly audit: Pick<Audit, 'record'>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SIZES = Array.from({ length: 10 }, (_, power) => 1024 * 2 ** power);

/** The octoserve contract's HTTP metrics (section 8). */
function declareMetrics(metrics: Metrics) {
  const labels = ['method', 'endpoint'];
  return {
    requests: metrics.counter('http_requests_total', 'Requests answered.', [...labels, 'status']),
    seconds: metrics.histogram('http_request_duration_seconds', 'Time from head to end of answer.', labels, SECONDS),
    received: metrics.histogram('http_request_size_bytes', 'Announced size of request bodies.', labels, SIZES),
    sent: metrics.histogram('http_response_size_bytes', 'Size of answers without their heads.', labels, SIZES),
  };
}

/** Answers whose size the exchange did not count (Express wrote them) say it themselves. */
function sentBytes(exchange: Exchange): number {
  if (exchange.sentBytes > 0 || exchange.method === 'HEAD') return exchange.sentBytes;
  return Number(exchange.res.getHeader('content-length') ?? 0);
}

/**
 * What a client did wrong in a few words; what went wrong here with its causes. Which upload was meant is not said:
 * whoever knows the id of a live one may write to it, in the repository that it is of.
 */
function errorOf(failure: unknown): unknown {
  if (!(failure instanceof OciError) || failure.cause !== undefined) return failure;
  const shown = failure.code === 'BLOB_UPLOAD_UNKNOWN' ? [] : failure.detail.slice(0, 1);
  return [failure.code, ...shown].join(' ');
}

const ownRecord: RequestRecord = (exchange, { status, sizeBytes }) => ({
  message: 'HTTP request',
  fields: {
    method: exchange.method,
    path: redactPath(exchange.path),
    query: redactQuery(exchange.rawQuery),
    status,
    size: sizeBytes,
    duration_ms: Math.round(exchange.elapsedMs),
    remote_addr: exchange.address,
    user_agent: exchange.header('user-agent') ?? '',
    request_id: exchange.requestId,
    route: exchange.route,
    principal: exchange.principal,
    ...(exchange.failure !== undefined && { error: errorOf(exchange.failure) }),
  },
});

export function createObserver(deps: ObserverDeps): Observer {
  const { log, logRequests, metrics, endpoints, uncounted, audit, recordOf = ownRecord } = deps;
  const declared = declareMetrics(metrics);
  const bind = (method: string, endpoint: string) => ({
    requests: new Map<number, { add(count: number): void }>(),
    seconds: declared.seconds.with({ method, endpoint }),
    received: declared.received.with({ method, endpoint }),
    sent: declared.sent.with({ method, endpoint }),
  });
  // Bounded: Node's parser knows some 35 methods, endpoints are a fixed set, statuses are ours.
  const bound = new Map<string, Map<string, ReturnType<typeof bind>>>();

  function seriesOf(method: string, endpoint: string): ReturnType<typeof bind> {
    let methods = bound.get(endpoint);
    if (!methods) bound.set(endpoint, (methods = new Map()));
    let series = methods.get(method);
    if (!series) methods.set(method, (series = bind(method, endpoint)));
    return series;
  }

  function count(exchange: Exchange, status: number): void {
    const endpoint = endpoints.has(exchange.route) ? exchange.route : 'other';
    const { method } = exchange;
    const { requests, seconds, received, sent } = seriesOf(method, endpoint);
    let answered = requests.get(status);
    if (!answered)
      requests.set(status, (answered = declared.requests.with({ method, endpoint, status: String(status) })));
    answered.add(1);
    seconds.observe(exchange.elapsedMs / 1000);
    const receivedBytes = Number(exchange.header('content-length') ?? 0);
    if (receivedBytes > 0) received.observe(receivedBytes);
    const bytes = sentBytes(exchange);
    if (bytes > 0) sent.observe(bytes);
  }

  function end(exchange: Exchange): void {
    const status = exchange.res.headersSent ? exchange.res.statusCode : 499; // the client left before an answer
    if (!uncounted.has(exchange.path)) count(exchange, status);
    const denial = denialOf(exchange);
    if (denial) audit.record(denial);
    // A probe's 503 is no failure, and of refusals there may be any number.
    const isFailure = exchange.failure !== undefined && !(exchange.failure instanceof Overloaded);
    const isOurs = (status >= 500 && isFailure) || exchange.isCut;
    if (!isOurs && !logRequests) return;
    const { message, fields } = recordOf(exchange, { status, sizeBytes: sentBytes(exchange) });
    if (isOurs) log.error(message, fields);
    else log.info(message, fields);
  }

  return {
    begin(exchange) {
      // Which comes once.
      exchange.res.on('close', () => {
        exchange.countNoMore();
        end(exchange);
      });
    },
  };
}
