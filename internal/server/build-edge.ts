import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit } from '../auth/index.ts';
import {
  askedSite,
  clientAddress,
  createObserver,
  Exchange,
  formatOciFailure,
  lacksHost,
  parseProxies,
  writeFailure,
  type AskedSite,
  type Peer,
  type RequestRecord,
} from '../http/index.ts';
import { createRequestId, type Logger } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { OciError } from '../../pkg/oci/index.ts';
import type { Config } from './options.ts';
import { createWorkLimit } from './work-limit.ts';

type Begin = (exchange: Exchange) => void;

export interface EdgeDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly audit: Audit;
  readonly ticks: () => number;
  /** Without a slash at its end; empty where there is none. */
  readonly publicUrl: string;
  /** Paths of routes that requests are counted by. */
  readonly paths: readonly string[];
  readonly requestRecord: RequestRecord | undefined;
  /** Told of bytes of bodies. */
  readonly onBodyBytes: (count: number) => void;
}

/** Where requests come in, whoever answers them. */
export interface Edge {
  readonly createExchange: (req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean) => Exchange;
  /** Sees an exchange from its beginning to its end, and has it answered. */
  readonly beginWith: (answer: Begin) => Begin;
}

export function buildEdge(deps: EdgeDeps): Edge {
  const { config, log, metrics, audit, ticks, publicUrl, paths, requestRecord, onBodyBytes } = deps;
  const observer = createObserver({
    log,
    logRequests: config['log.requests'],
    metrics,
    endpoints: new Set(paths.filter((path) => path !== '/v2/_catalog')),
    uncounted: new Set([config['metrics.endpoint']]),
    recordOf: requestRecord,
    audit,
  });
  const workLimit = createWorkLimit({ config, log, metrics, ticks });
  const proxies = parseProxies(config['server.trusted_proxies']);
  const surroundings = {
    ticks,
    newRequestId: createRequestId,
    addressOf: (peer: Peer, forwardedFor: string | undefined) => clientAddress(peer, forwardedFor, proxies),
    siteOf: (peer: Peer, asked: AskedSite) => (publicUrl === '' ? askedSite(peer, asked, proxies) : publicUrl),
    onBodyBytes,
  };
  return {
    createExchange: (req, res, awaitsContinue) => new Exchange(req, res, surroundings, awaitsContinue),
    beginWith: (answer) => (exchange) => {
      observer.begin(exchange);
      if (!lacksHost(exchange.req)) workLimit.admit(exchange, answer);
      else writeFailure(exchange, new OciError('UNSUPPORTED', 'the request names no host'), formatOciFailure);
    },
  };
}
