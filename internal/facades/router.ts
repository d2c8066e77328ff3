import { createRouter, Hidden, type Exchange, type FormatFailure, type Gate } from '../http/index.ts';
import type { FacadeRoute, Surface } from './types.ts';

export interface FacadeRouterDeps {
  readonly gate: Gate;
  /** Counts a request to an open route; throws TOOMANYREQUESTS where there were too many. */
  readonly limitStranger: (exchange: Exchange) => Promise<void>;
}

/** An id that a client brings is kept, so that it finds its request in the log. */
const BROUGHT_ID = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * Answers the routes of a facade: every one through the gate, every failure in the facade's form. The gate is asked
 * also before a path, a method or a name that is wrong is refused, so that a stranger learns nothing of them, unless the
 * facade says otherwise.
 */
export function createFacadeRouter(
  {
    formatFailure,
    headers = [],
    begin,
    limit,
    tellsStrays = false,
  }: Pick<Surface, 'formatFailure' | 'headers' | 'begin' | 'limit' | 'tellsStrays'>,
  routes: readonly FacadeRoute[],
  { gate, limitStranger }: FacadeRouterDeps,
): (exchange: Exchange) => void {
  async function admitStranger(exchange: Exchange): Promise<void> {
    exchange.actor = await gate(exchange, { action: 'none', visibility: 'challenged', repository: undefined });
  }

  async function admitStray(exchange: Exchange): Promise<void> {
    await limit?.(exchange);
    if (!tellsStrays) await admitStranger(exchange);
  }

  /** False where whoever asks was answered already, as if there were nothing. */
  async function admit(route: FacadeRoute, values: Readonly<Record<string, string>>, exchange: Exchange) {
    const { action, visibility, hidden, ignoresWrongCredentials } = route;
    if (route.isProbe) return true;
    await limit?.(exchange);
    if (visibility === 'open' || (await route.opens?.(values, exchange))) {
      await limitStranger(exchange);
      return true;
    }
    let repository;
    try {
      repository = route.repositoryOf?.(values);
    } catch (wrong) {
      await admitStranger(exchange);
      throw wrong;
    }
    try {
      exchange.actor = await gate(exchange, { action, visibility, repository, ignoresWrongCredentials });
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Hidden && hidden)) throw thrown;
      await hidden(values, exchange);
      return false;
    }
  }

  // Every answer says the id of its request: the writer of failures need not say it again.
  const format: FormatFailure = (failure, exchange) => {
    const form = formatFailure(failure, exchange);
    return { ...form, headers: { ...form.headers, 'x-request-id': undefined } };
  };

  const handle = createRouter({
    routes,
    formatFailure: format,
    slashes: 'lenient',
    baseHeaders(exchange) {
      const brought = exchange.header('x-request-id');
      if (brought !== undefined && BROUGHT_ID.test(brought)) exchange.requestId = brought;
      return ['X-Request-ID', exchange.requestId, 'X-Content-Type-Options', 'nosniff', ...headers];
    },
    admitStray,
    async answer(route, values, exchange) {
      if (await admit(route, values, exchange)) await route.handler(values, exchange);
    },
  });
  return (exchange) => {
    begin?.(exchange);
    handle(exchange);
  };
}
