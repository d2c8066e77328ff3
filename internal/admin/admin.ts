import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type Request, type Response } from 'express';
import { formatOciFailure, writeFailure, type Exchange } from '../http/index.ts';
import { OciError } from '../../pkg/oci/index.ts';
import { metricsPage, type MetricsPage } from './metrics-page.ts';
import { probe, type Check } from './probes.ts';

export type { Check } from './probes.ts';

export interface AdminDeps {
  readonly version: string;
  /** What must answer before the server counts as ready, by name. */
  readonly checks: Readonly<Record<string, Check>>;
  /** Undefined where `metrics.enabled` is false. */
  readonly metrics: MetricsPage | undefined;
}

/** Express makes its own request and response out of Node's. */
type Answer = (req: IncomingMessage, res: ServerResponse, next: (thrown?: unknown) => void) => void;

/** The product's own paths on the main listener: probes, metrics, and what stands at `/`. */
export function createAdmin({ version, checks, metrics }: AdminDeps): (exchange: Exchange) => void {
  const app: Express = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get(['/livez', '/healthz'], (_req: Request, res: Response) => void res.type('text/plain').send('ok\n'));
  app.get('/readyz', (_req: Request, res: Response, next) => {
    probe(checks).then(({ status, report }) => res.status(status).json(report), next);
  });
  app.get('/health', (_req: Request, res: Response) => void res.json({ status: 'OK', version }));
  app.get('/', (_req: Request, res: Response) => void res.type('text/plain').send(`octoserve v${version}\n`));
  if (metrics) app.get(metrics.endpoint, metricsPage(metrics));

  const answer = app as unknown as Answer;
  return (exchange) =>
    answer(exchange.req, exchange.res, (thrown = new OciError('PATH_UNKNOWN')) => {
      writeFailure(exchange, thrown, formatOciFailure);
    });
}
