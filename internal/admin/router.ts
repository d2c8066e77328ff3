import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import { OciError } from '../../pkg/oci/index.ts';
import {
  drainAfterAnswer,
  formatOciFailure,
  Refusal,
  writeFailure,
  type Exchange,
  type Gate,
  type Method,
} from '../http/index.ts';
import type { AdminRoute, PathValues } from './route.ts';

/** Express makes its own request and response out of Node's; they stay the same objects. */
type Answer = (req: IncomingMessage, res: ServerResponse, next: (thrown?: unknown) => void) => void;

/** On every answer: nothing of this is to be kept by anybody on the way, or to be taken for what it is not. */
const BASE_HEADERS: readonly string[] = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'];

const METHODS: Readonly<Record<Method, 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete'>> = {
  GET: 'get',
  HEAD: 'head',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** `/admin/users/{name}` in the words of Express, to which more characters mean something. */
function toPattern(path: string): string {
  const parts = path.split(/\{(\w+)\}/);
  return parts.map((part, at) => (at % 2 === 1 ? `:${part}` : part.replaceAll(/[(){}[\]?+!:*\\]/g, '\\$&'))).join('');
}

/** Counts a request of nobody in particular; throws TOOMANYREQUESTS where there were too many. */
export type LimitStranger = (exchange: Exchange) => Promise<void>;

/** Answers whatever the routes name, PATH_UNKNOWN elsewhere. A HEAD is answered like the GET, without a body. */
export function createRouter(
  routes: readonly AdminRoute[],
  gate: Gate,
  limitStranger: LimitStranger,
): (exchange: Exchange) => void {
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const app: Express = express();
  for (const setting of ['x-powered-by', 'etag']) app.disable(setting);
  for (const setting of ['case sensitive routing', 'strict routing']) app.enable(setting);

  async function answer(route: AdminRoute, values: PathValues, exchange: Exchange): Promise<void> {
    exchange.route = route.path;
    const { action, visibility } = route;
    // What is open is so with wrong credentials too, and while nobody can tell who comes.
    if (visibility !== 'open') exchange.actor = await gate(exchange, { action, visibility, repository: undefined });
    else if (!route.isProbe) await limitStranger(exchange);
    await route.handler(values, exchange);
  }

  function refuseMethod(known: readonly AdminRoute[]): never {
    const methods = known.map(({ method }): string => method);
    const allow = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : [])])].join(', ');
    throw new Refusal('METHOD_NOT_ALLOWED', { allow });
  }

  // A brace comes after all that a literal segment may begin with: so each literal comes before a name in its place.
  const byPath = Map.groupBy(
    [...routes].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ({ path }) => path,
  );
  for (const [path, known] of byPath) {
    const pattern = toPattern(path);
    const methods = known.map(({ method }) => method);
    if (new Set(methods).size < methods.length)
      throw new Error(`${path} has two owners: give one of them another path`);
    for (const route of known) {
      app[METHODS[route.method]](pattern, async (req) => {
        const exchange = exchanges.get(req);
        if (exchange) await answer(route, req.params as PathValues, exchange);
      });
    }
    app.all(pattern, () => refuseMethod(known));
  }

  const enter = app as unknown as Answer;
  return (exchange) => {
    exchange.baseHeaders = BASE_HEADERS;
    exchanges.set(exchange.req, exchange);
    enter(exchange.req, exchange.res, (thrown: unknown = new OciError('PATH_UNKNOWN')) => {
      writeFailure(exchange, thrown instanceof URIError ? new OciError('REQUEST_INVALID') : thrown, formatOciFailure);
      drainAfterAnswer(exchange);
    });
  };
}
