import type { Exchange, Gate } from '../http/index.ts';
import { createRouter } from './router.ts';
import type { ApiDeps } from './handler.ts';
import { createRoutes, type ApiRoute } from './routes.ts';

export { isApiPath } from './router.ts';
export type { ApiDeps } from './handler.ts';
export type { ApiRoute } from './routes.ts';

export interface Api {
  readonly routes: readonly ApiRoute[];
  /** Answers a request below `/v2`. Never rejects. */
  readonly handle: (exchange: Exchange) => Promise<void>;
}

/** `/v2`: the OCI Distribution API over the registry's rules. */
export function createApi(deps: ApiDeps, gate: Gate): Api {
  const routes = createRoutes(deps);
  return { routes, handle: createRouter(routes, gate) };
}
