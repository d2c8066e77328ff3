import type { RepositoryName } from '../../../../pkg/oci/index.ts';
import type { Exchange, PathValues, RouteDoc } from '../../../http/index.ts';
import type { FacadeRoute } from '../../types.ts';
import type { ColaContext } from '../context.ts';
import { notFound, translated } from '../failures.ts';
import { placeOf, type Place } from '../place.ts';

export type Handle = (place: Place, exchange: Exchange, values: PathValues) => Promise<void>;

type Given = Pick<FacadeRoute, 'method' | 'path' | 'action' | 'doc'> &
  Partial<Pick<FacadeRoute, 'visibility' | 'opens' | 'hidden' | 'isProbe'>> & { readonly handle: Handle };

const NAMES: Readonly<Record<string, string>> = {
  name: 'The registry',
  package: 'The package',
  version: 'The version, `+` as it is or as %2B',
  file: 'The package and the version, as in hello-1.0.0',
  id: 'The name of the key',
};

/** The form of every failure. */
const REFUSAL: RouteDoc['refusal'] = {
  type: 'application/json',
  schema: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: { code: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** The part of the documentation that follows from the path. */
const pathDoc = (path: string): RouteDoc['path'] =>
  Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, NAMES[name] ?? name]));

/** Makes routes of COLA: of a repository that follows from the path, with failures in COLA's words. */
export function createDefine({ names, store }: ColaContext): (given: Given) => FacadeRoute {
  /** What is hidden is like what is absent: the outermost that who asks may not know of. */
  async function hide(place: Place, exchange: Exchange): Promise<never> {
    const registry = names.registry(place.registry);
    const knows = registry !== undefined && (exchange.actor?.may('pull', registry) ?? false);
    const found = knows && (await store.getRegistry(place.registry)).kind === 'found';
    throw notFound({ what: found ? 'package' : 'registry' }, place);
  }

  return ({ handle, method, path, action, doc, visibility = 'repository', ...more }) => {
    const repositoryOf = (values: PathValues): RepositoryName => {
      const place = placeOf(values);
      const isPackage = path.includes('{package}');
      const repository = isPackage ? names.package(place.registry, place.package) : names.registry(place.registry);
      if (repository === undefined) throw notFound({ what: 'registry' }, place);
      return repository;
    };
    return {
      method,
      path,
      action,
      visibility,
      doc: { ...doc, path: pathDoc(path), refusal: REFUSAL },
      ...(path.includes('{name}') && { repositoryOf }),
      ignoresWrongCredentials: action === 'pull',
      hidden: (values, exchange) => hide(placeOf(values), exchange),
      ...more,
      handler: async (values, exchange) => {
        try {
          await handle(placeOf(values), exchange, values);
        } catch (thrown) {
          throw translated(thrown);
        }
      },
    };
  };
}
