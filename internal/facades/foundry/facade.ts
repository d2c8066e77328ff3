import type { Facade, FacadeDeps, FacadeRoute } from '../types.ts';
import { DOCS } from './docs.ts';
import { createDoor } from './door.ts';
import { formatFailure, respondJson } from './failures.ts';
import { declareMetrics } from './metrics.ts';
import { createNamespace } from './names.ts';
import type { FoundryConfig } from './options.ts';
import { createRoutes } from './routes.ts';

/** On a listener of its own: what it is, whether it works, and the metrics, for whoever looks after it. */
function ownRoutes({ version, check, expose }: FacadeDeps<FoundryConfig>): readonly FacadeRoute[] {
  const open = { method: 'GET', action: 'none', visibility: 'open' } as const;
  return [
    {
      ...open,
      path: '/',
      doc: DOCS.about,
      handler: async (_, exchange) => respondJson(exchange, 200, { service: 'foundry-registry', version }),
    },
    {
      ...open,
      path: '/health',
      doc: DOCS.health,
      handler: async (_, exchange) => {
        await check();
        respondJson(exchange, 200, { status: 'ok' });
      },
    },
    {
      ...open,
      path: '/metrics',
      visibility: 'admin',
      action: 'admin',
      doc: DOCS.metrics,
      handler: async (_, exchange) => {
        const { contentType, text } = await expose();
        exchange.respond(200, { 'content-type': contentType }, text);
      },
    },
  ];
}

/** Foundry: a store for versioned binary files. */
export const foundry: Facade<FoundryConfig> = {
  name: 'foundry',
  prefixes: (config) => ['artifacts', 'packages', 'gc'].map((name) => `${config['facades.foundry.base_path']}/${name}`),
  door: createDoor,
  create(deps) {
    const metrics = declareMetrics(deps.metrics);
    const { log, standsAlone } = deps;
    return {
      routes: createRoutes({
        ...deps,
        namespace: createNamespace(deps.config['facades.foundry.prefix']),
        metrics,
        events: (message, fields) => (standsAlone ? log.info(message, fields) : log.debug(message, fields)),
      }),
      ownRoutes: ownRoutes(deps),
      formatFailure,
      begin: (exchange) => metrics.begin(exchange),
    };
  },
};
