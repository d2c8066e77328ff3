import { actorOf } from '../../../http/index.ts';
import type { Exposition } from '../../../metrics/index.ts';
import type { FacadeRoute } from '../../types.ts';
import { JSON_TYPE, type ColaContext } from '../context.ts';
import type { Health } from '../health.ts';
import type { ColaMetrics } from '../metrics.ts';
import { BASE } from '../paths.ts';
import { createDefine, type Handle } from './define.ts';
import { answer } from './docs.ts';

export interface ServiceDeps {
  readonly version: string;
  readonly health: () => Promise<Health>;
  readonly metrics: ColaMetrics;
  /** The metrics of all processes as text. */
  readonly expose: () => Promise<Exposition>;
}

const NO_STORE = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;

/** contract, sections 3.1 and 3.2, below whatever path. */
function watchRoutes(context: ColaContext, deps: ServiceDeps, base: string): readonly FacadeRoute[] {
  const define = createDefine(context);
  const { version, health, metrics, expose } = deps;

  const tellHealth: Handle = async (_place, exchange) => {
    const storage = await health();
    const status = storage.kind;
    const told = { status, ...(storage.kind === 'unhealthy' && { message: storage.message }) };
    const body = JSON.stringify({ status, checks: { storage: told }, version });
    exchange.respond(status === 'healthy' ? 200 : 503, NO_STORE, body);
  };

  const tellMetrics: Handle = async (_place, exchange) => {
    const exposition = await expose();
    const wantsText = exchange.query.get('format') === 'prometheus' || prefersText(exchange.header('accept') ?? '');
    if (!wantsText) return exchange.respond(200, NO_STORE, JSON.stringify(metrics.toJson(exposition.text)));
    const { contentType, text } = metrics.only(exposition);
    return exchange.respond(200, { 'content-type': contentType, 'cache-control': 'no-store' }, text);
  };

  return [
    define({
      method: 'GET',
      path: `${base}/health`,
      action: 'none',
      visibility: 'open',
      isProbe: true,
      doc: {
        summary: 'Whether COLA can answer',
        answers: { 200: answer('It can'), 503: answer('It cannot, and why') },
      },
      handle: tellHealth,
    }),
    define({
      method: 'GET',
      path: `${base}/metrics`,
      action: 'none',
      visibility: 'open',
      isProbe: true,
      doc: {
        summary: 'Count what was done through COLA',
        parameters: [
          {
            name: 'format',
            in: 'query',
            description: '`prometheus`: as text',
            schema: { enum: ['json', 'prometheus'] },
          },
        ],
        answers: { 200: answer('Counts since the start') },
      },
      handle: tellMetrics,
    }),
  ];
}

/** contract, sections 3.1 to 3.3 */
export function serviceRoutes(context: ColaContext, deps: ServiceDeps): readonly FacadeRoute[] {
  const define = createDefine(context);

  const tellWho: Handle = async (_place, exchange) => {
    const { principal } = actorOf(exchange).identity;
    const username = principal.kind === 'anonymous' ? 'anonymous' : principal.name;
    const owner = principal.kind === 'user' ? principal : principal.kind === 'key' ? principal.owner : undefined;
    const groups = owner && owner.groups.length > 0 ? { groups: owner.groups } : {};
    exchange.respond(200, JSON_TYPE, JSON.stringify({ username, ...groups }));
  };

  return [
    ...watchRoutes(context, deps, BASE),
    define({
      method: 'GET',
      path: `${BASE}/whoami`,
      action: 'none',
      visibility: 'challenged',
      doc: { summary: 'Tell who asks', answers: { 200: answer('The name') } },
      handle: tellWho,
    }),
  ];
}

/** On a listener of its own: what it is, whether it works, and what was done. */
export function ownRoutes(context: ColaContext, deps: ServiceDeps): readonly FacadeRoute[] {
  const about = JSON.stringify({ service: 'cola-registry', version: deps.version });
  return [
    createDefine(context)({
      method: 'GET',
      path: '/',
      action: 'none',
      visibility: 'open',
      doc: { summary: 'What this is', answers: { 200: answer('Its name and version') } },
      handle: async (_place, exchange) => exchange.respond(200, JSON_TYPE, about),
    }),
    ...watchRoutes(context, deps, ''),
  ];
}

const prefersText = (accept: string): boolean =>
  /text\/plain|openmetrics/.test(accept) && !/application\/json/.test(accept);
