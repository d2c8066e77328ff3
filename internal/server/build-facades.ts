import type { Admin } from '../admin/index.ts';
import {
  createFacadeRouter,
  findListenAddress,
  type Facade,
  type FacadeConfig,
  type FacadeDeps,
  type FacadeRoute,
  type FacadeRouterDeps,
  type ListenAddress,
  type Surface,
} from '../facades/index.ts';
import type { Exchange } from '../http/index.ts';
import type { Job } from '../jobs/index.ts';

type Begin = (exchange: Exchange) => void;
type Product = Pick<Admin, 'routes' | 'handle'>;

/** A facade with all that it answers. */
export interface MountedFacade {
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly routes: readonly FacadeRoute[];
  /** Those of its own listener alone. */
  readonly ownRoutes: readonly FacadeRoute[];
  /** `facades.<name>.listen` */
  readonly listen: ListenAddress | undefined;
  readonly jobs: readonly Job[];
  /** Answers on the main listener. */
  readonly begin: Begin;
  /** Answers on a listener of its own, where every path is the facade's. */
  readonly beginAlone: Begin;
  close(): Promise<void>;
}

export interface BuildFacadesDeps extends FacadeRouterDeps {
  readonly facades: readonly Facade<FacadeConfig>[];
  readonly deps: FacadeDeps<FacadeConfig>;
}

export async function mountFacades({ facades, deps, ...asked }: BuildFacadesDeps): Promise<readonly MountedFacade[]> {
  const mount = async (facade: Facade<FacadeConfig>): Promise<MountedFacade> => {
    const surface: Surface = await facade.create(deps);
    const { routes, ownRoutes = [], jobs = [] } = surface;
    let alone: Begin | undefined;
    const listen = deps.config[`facades.${facade.name as 'foundry'}.listen`]; // each facade has this option
    return {
      name: facade.name,
      prefixes: facade.prefixes(deps.config),
      routes,
      ownRoutes,
      listen: listen === undefined ? undefined : findListenAddress(listen),
      jobs,
      begin: createFacadeRouter(surface, routes, asked),
      // Most servers have no such listener.
      beginAlone: (exchange) => (alone ??= createFacadeRouter(surface, [...routes, ...ownRoutes], asked))(exchange),
      close: async () => surface.close?.(),
    };
  };
  return Promise.all(facades.map(mount));
}

const isAtOrBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

/**
 * Whose a path is on the main listener: of the facades whose prefixes it is below, the one with the longest, else the
 * product. Throws where two have the same one, or the product has routes there (DESIGN: Who owns which path).
 */
export function createDispatch(
  mounted: readonly Pick<MountedFacade, 'name' | 'prefixes' | 'begin'>[],
  productPaths: readonly string[],
  product: Product,
): (path: string) => Begin {
  const owned = new Map<string, { readonly name: string; readonly begin: Begin }>();
  for (const { name, prefixes, begin } of mounted) {
    for (const prefix of prefixes) {
      const other = owned.get(prefix)?.name ?? (isOfProduct(prefix, productPaths) ? 'the product' : undefined);
      if (other !== undefined) throw new Error(`${prefix} has two owners, ${other} and ${name}: move one of them`);
      owned.set(prefix, { name, begin });
    }
  }
  const longestFirst = [...owned].toSorted(([a], [b]) => b.length - a.length);
  return (path) => {
    const plain = path.includes('//') ? path.replaceAll(/\/{2,}/g, '/') : path;
    return longestFirst.find(([prefix]) => isAtOrBelow(plain, prefix))?.[1].begin ?? product.handle;
  };
}

/** The same in the stand-alone program of a facade: all but the product's probes is the facade's. */
export function createSoleDispatch(
  mounted: readonly Pick<MountedFacade, 'name' | 'ownRoutes' | 'beginAlone'>[],
  facade: string,
  product: Product,
): (path: string) => Begin {
  const sole = mounted.find(({ name }) => name === facade);
  if (!sole) throw new Error(`facades.${facade}.enabled is false, in the program of ${facade}`);
  const own = new Set(sole.ownRoutes.map(({ path }) => path));
  const probes = new Set(product.routes.filter(({ isProbe }) => isProbe).map(({ path }) => path));
  return (path) => (probes.has(path) && !own.has(path) ? product.handle : sole.beginAlone);
}

function isOfProduct(prefix: string, productPaths: readonly string[]): boolean {
  return productPaths.some((path) => isAtOrBelow(path, prefix) || (path !== '/' && isAtOrBelow(prefix, path)));
}
