import type { IncomingMessage } from 'node:http';
import { OciError } from '../../pkg/oci/index.ts';
import { drainAfterAnswer } from './bodies.ts';
import type { Exchange } from './exchange.ts';
import type { Answer, Place } from './express-app.ts';
import { Refusal, writeFailure, type FormatFailure } from './failures.ts';
import type { Route } from './routes.ts';

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

/** The METHOD_NOT_ALLOWED of a path that knows others. */
function methodRefused(known: readonly PathRoute[]): Refusal {
  const methods = known.map(({ method }): string => method);
  const allow = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : [])])].join(', ');
  return new Refusal('METHOD_NOT_ALLOWED', { allow });
}

/**
 * Answers whatever the routes name, PATH_UNKNOWN elsewhere, METHOD_NOT_ALLOWED with `Allow` where the path knows other
 * methods. A HEAD is answered like the GET, without a body; a literal segment goes before a name in its place. Throws
 * where two routes are one. Express is loaded for the first request, which many servers never see: they are asked for
 * `/v2` alone.
 */
export function createRouter<R extends PathRoute>(options: RouterOptions<R>): (exchange: Exchange) => void {
  const { routes, formatFailure, baseHeaders, answer, admitStray, slashes = 'strict' } = options;
  const isLenient = slashes === 'lenient';
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const places: Place[] = [];
  // A brace comes after all that a literal segment may begin with: so each literal comes before a name in its place.
  const byPath = Map.groupBy(
    [...routes].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ({ path }) => path,
  );
  for (const [path, known] of byPath) {
    const methods = known.map(({ method }) => method);
    if (new Set(methods).size < methods.length)
      throw new Error(`${path} has two owners: give one of them another path`);
    for (const route of known) {
      const act: Place['act'] = async (req, values) => {
        const exchange = exchanges.get(req);
        if (!exchange) return;
        exchange.route = path;
        await answer(route, values, exchange);
      };
      places.push({ path, method: route.method, act });
    }
    const refuse: Place['act'] = async (req) => {
      const exchange = exchanges.get(req);
      if (exchange) await admitStray?.(exchange);
      throw methodRefused(known);
    };
    places.push({ path, method: undefined, act: refuse });
  }

  let enter: Answer | undefined;
  let loading: Promise<Answer> | undefined;

  async function load(): Promise<Answer> {
    try {
      const { createExpressApp } = await import('./express-app.ts');
      return (enter = createExpressApp(places, isLenient));
    } finally {
      loading = undefined; // where it failed the next request tries again
    }
  }

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
    const next = (thrown: unknown): void => {
      if (thrown === undefined) void refuseStray(exchange);
      else fail(exchange, thrown);
    };
    if (enter) enter(req, res, next);
    else (loading ??= load()).then((loaded) => loaded(req, res, next), next);
  };
}
