import { createRouter as createPathRouter, formatOciFailure, type Exchange, type Gate } from '../http/index.ts';
import type { AdminRoute } from './route.ts';

/** On every answer: nothing of this is to be kept by anybody on the way, or to be taken for what it is not. */
const BASE_HEADERS: readonly string[] = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'];

/** Counts a request of nobody in particular; throws TOOMANYREQUESTS where there were too many. */
export type LimitStranger = (exchange: Exchange) => Promise<void>;

/** Answers whatever the routes name, PATH_UNKNOWN elsewhere. A HEAD is answered like the GET, without a body. */
export function createRouter(
  routes: readonly AdminRoute[],
  gate: Gate,
  limitStranger: LimitStranger,
): (exchange: Exchange) => void {
  return createPathRouter({
    routes,
    formatFailure: formatOciFailure,
    baseHeaders: () => BASE_HEADERS,
    async answer({ action, visibility, isProbe, handler }, values, exchange) {
      // What is open is so with wrong credentials too, and while nobody can tell who comes.
      if (visibility !== 'open') exchange.actor = await gate(exchange, { action, visibility, repository: undefined });
      else if (!isProbe) await limitStranger(exchange);
      await handler(values, exchange);
    },
  });
}
