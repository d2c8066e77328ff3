import { OciError } from '../../pkg/oci/index.ts';
import { drainAfterAnswer, formatOciFailure, Hidden, writeFailure, type Exchange, type Gate } from '../http/index.ts';
import { matchPath, type Target } from './path.ts';
import type { ApiRoute } from './routes.ts';

/** On every answer below `/v2` (octoserve contract, section 4). */
const BASE_HEADERS: readonly string[] = [
  'Docker-Distribution-API-Version',
  'registry/2.0',
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Methods',
  'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
  'Access-Control-Allow-Headers',
  'Authorization, Content-Type, Content-Length, Content-Range, Docker-Content-Digest, Range, Accept',
  'Access-Control-Expose-Headers',
  'Docker-Content-Digest, Location, Range, Link, OCI-Subject, OCI-Filters-Applied',
  'X-Content-Type-Options',
  'nosniff',
];

/** Whether a path is below `/v2`, and so this room's. */
export const isApiPath = (path: string): boolean => path === '/v2' || path.startsWith('/v2/');

const repositoryOf = (target: Target) => ('repository' in target ? target.repository : undefined);
const sessionOf = (target: Target) => ('id' in target ? target.id : undefined);

/** Answers a request below `/v2`: finds the route, asks the gate, calls the handler. Never rejects. */
export function createRouter(routes: readonly ApiRoute[], gate: Gate): (exchange: Exchange) => Promise<void> {
  const byPath = new Map<string, Map<string, ApiRoute>>();
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    byPath.set(path, new Map(ofPath.map((route) => [route.method, route])));
  }

  function findRoute(method: string, path: string): ApiRoute {
    const byMethod = byPath.get(path);
    const found = byMethod?.get(method) ?? (method === 'HEAD' ? byMethod?.get('GET') : undefined);
    if (found) return found;
    const known = [...(byMethod?.keys() ?? [])];
    throw new MethodRefused([...new Set([...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])]);
  }

  async function answer(exchange: Exchange): Promise<void> {
    if (exchange.method === 'OPTIONS') return exchange.respond(200);
    const match = matchPath(exchange.path);
    exchange.route = match.path;
    const route = findRoute(exchange.method, match.path);
    const target = match.parse();
    const { action, visibility } = route;
    const demand = { action, visibility, repository: repositoryOf(target), session: sessionOf(target) };
    try {
      exchange.actor = await gate(exchange, demand);
    } catch (thrown) {
      if (thrown instanceof Hidden && route.hidden) return route.hidden(target, exchange);
      throw thrown;
    }
    return route.handler(target, exchange);
  }

  return async (exchange) => {
    exchange.baseHeaders = BASE_HEADERS;
    try {
      await answer(exchange);
    } catch (thrown) {
      const allow = thrown instanceof MethodRefused ? thrown.allow.join(', ') : undefined;
      writeFailure(exchange, thrown, formatOciFailure, { allow });
    }
    drainAfterAnswer(exchange);
  };
}

class MethodRefused extends OciError {
  readonly allow: readonly string[];

  constructor(allow: readonly string[]) {
    super('METHOD_NOT_ALLOWED');
    this.allow = allow;
  }
}
