import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import { OciError } from '../../pkg/oci/index.ts';
import { drainAfterAnswer } from './bodies.ts';
import type { Exchange } from './exchange.ts';
import { Refusal, writeFailure, type FormatFailure } from './failures.ts';
import type { Method, Route } from './routes.ts';

/** The values of the names in a path's template, decoded. */
export type PathValues = Readonly<Record<string, string>>;

/** A route whose path is a template: `/admin/users/{name}`. A name takes one segment, and a `+` in it is a plus. */
export type PathRoute = Route<PathValues>;

export interface RouterOptions<R extends PathRoute> {
  readonly routes: readonly R[];
  /** How failures are worded. */
  readonly formatFailure: FormatFailure;
  /** Sent with each answer, before its own headers: name, value, name, value. */
  readonly baseHeaders: (exchange: Exchange) => readonly string[];
  /** Asks who comes, then has the route's handler answer; throws where that one may not. */
  readonly answer: (route: R, values: PathValues, exchange: Exchange) => Promise<void>;
  /** Asked before a path or a method that nobody knows is refused: what it throws is the answer then. */
  readonly admitStray?: (exchange: Exchange) => Promise<void>;
  /** `lenient`: a slash at the end changes nothing, and of slashes in a row one counts. */
  readonly slashes?: 'strict' | 'lenient';
}

/** Express makes its own request and response out of Node's; they stay the same objects. */
type Answer = (req: IncomingMessage, res: ServerResponse, next: (thrown?: unknown) => void) => void;

const METHODS: Readonly<Record<Method, 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options'>> = {
  GET: 'get',
  HEAD: 'head',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
  OPTIONS: 'options',
};

/** `/admin/users/{name}` in the words of Express, to which more characters mean something. */
function toPattern(path: string): string {
  const parts = path.split(/\{(\w+)\}/);
  return parts.map((part, at) => (at % 2 === 1 ? `:${part}` : part.replaceAll(/[(){}[\]?+!:*\\]/g, '\\$&'))).join('');
}

/** The METHOD_NOT_ALLOWED of a path that knows others. */
function methodRefused(known: readonly PathRoute[]): Refusal {
  const methods = known.map(({ method }): string => method);
  const allow = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : [])])].join(', ');
  return new Refusal('METHOD_NOT_ALLOWED', { allow });
}

/**
 * Answers whatever the routes name, PATH_UNKNOWN elsewhere, METHOD_NOT_ALLOWED with `Allow` where the path knows other
 * methods. A HEAD is answered like the GET, without a body; a literal segment goes before a name in its place. Throws
 * where two routes are one.
 */
export function createRouter<R extends PathRoute>(options: RouterOptions<R>): (exchange: Exchange) => void {
  const { routes, formatFailure, baseHeaders, answer, admitStray, slashes = 'strict' } = options;
  const isLenient = slashes === 'lenient';
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const app: Express = express();
  for (const setting of ['x-powered-by', 'etag']) app.disable(setting);
  app.enable('case sensitive routing');
  app.set('strict routing', !isLenient);

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
        if (!exchange) return;
        exchange.route = route.path;
        await answer(route, req.params as PathValues, exchange);
      });
    }
    app.all(pattern, async (req) => {
      const exchange = exchanges.get(req);
      if (exchange) await admitStray?.(exchange);
      throw methodRefused(known);
    });
  }

  const enter = app as unknown as Answer;

  function fail(exchange: Exchange, thrown: unknown): void {
    writeFailure(exchange, thrown instanceof URIError ? new OciError('REQUEST_INVALID') : thrown, formatFailure);
    drainAfterAnswer(exchange);
  }

  async function refuseStray(exchange: Exchange): Promise<void> {
    try {
      await admitStray?.(exchange);
      throw new OciError('PATH_UNKNOWN');
    } catch (thrown) {
      fail(exchange, thrown);
    }
  }

  return (exchange) => {
    exchange.baseHeaders = baseHeaders(exchange);
    const { req, res, path, rawQuery } = exchange;
    exchanges.set(req, exchange);
    if (isLenient) req.url = `${path.replaceAll(/\/{2,}/g, '/')}${rawQuery === '' ? '' : `?${rawQuery}`}`;
    enter(req, res, (thrown: unknown) => {
      if (thrown === undefined) void refuseStray(exchange);
      else fail(exchange, thrown);
    });
  };
}
