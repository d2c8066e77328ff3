import { parseRepositoryName } from '../../../pkg/oci/index.ts';
import { createOutbound } from '../../outbound/index.ts';
import type { Facade, FacadeDeps, Surface } from '../types.ts';
import type { CoreConfig } from '../../config/index.ts';
import { anonymousOf, createCola } from './cola.ts';
import { createNames, type Names } from './names.ts';
import { createNativeContents } from './native/contents.ts';
import { createDoor } from './native/door.ts';
import { createIndexJob } from './native/index-job.ts';
import { createMirroringStore } from './native/mirror.ts';
import { createNativeStore } from './native/store.ts';
import type { ColaConfig } from './options.ts';
import { BASE } from './paths.ts';
import { createPublicUrls } from './urls.ts';

type Config = ColaConfig & Pick<CoreConfig, 'server.public_url' | 'outbound.allow_networks' | 'outbound.timeout'>;

/** COLA: registries of command-line tools for command-launcher, its packages kept as OCI artifacts. */
export const cola: Facade<Config> = {
  name: 'cola',
  // All that no other facade has there: unknown paths are answered in COLA's words.
  prefixes: () => [BASE],
  door: createDoor,
  create(deps) {
    const { config } = deps;
    const names = createNames(parseRepositoryName(config['facades.cola.prefix']));
    const uri = config['facades.cola.storage_uri'];
    return uri === undefined ? createNative(deps, names) : createOverDocument(deps, uri, names);
  },
};

/** Over artifacts of this registry. */
function createNative(deps: FacadeDeps<Config>, names: Names): Surface {
  const { config, artifacts, auth, check, clock, log } = deps;
  const native = {
    artifacts,
    names,
    isStrict: config['facades.cola.index_strict'],
    overlap: config['facades.cola.partition_overlap'],
    check,
    clock,
  };
  const store = createNativeStore(native);
  const contents = createNativeContents(native, store);
  const outbound = config['facades.cola.mirror']
    ? createOutbound({
        allowedNetworks: config['outbound.allow_networks'],
        timeoutMs: config['outbound.timeout'],
        version: deps.version,
      })
    : undefined;
  const kept = outbound ? createMirroringStore(store, contents, outbound) : store;
  const requestsPerMinute = config['facades.cola.rate_limit'];
  const served = createCola({ ...deps, store: kept, contents, names, requestsPerMinute });
  const surface = {
    ...served,
    async close() {
      await outbound?.close();
      await served.close?.();
    },
  };
  const site = config['server.public_url']?.replace(/\/+$/, '') ?? '';
  // Nobody else knows by which name the clients of a mirror would reach us.
  if (site === '') return surface;
  const indexJob = createIndexJob({
    artifacts,
    store,
    names,
    clock,
    urlsOf: createPublicUrls(names, site, anonymousOf(auth)),
    onFailure: (registry, error) =>
      log.warn('The index of a registry was not kept as an artifact', { registry, error }),
  });
  return { ...surface, jobs: [indexJob] };
}

/** The same over one document, which keeps no bytes. */
async function createOverDocument(deps: FacadeDeps<Config>, uri: string, names: Names): Promise<Surface> {
  const { config } = deps;
  const { openStoreAt } = await import('./document/open.ts');
  const store = await openStoreAt(uri, {
    ...deps,
    ...deps.surroundings,
    token: config['facades.cola.storage_token'],
    refusesOverlaps: config['facades.cola.partition_overlap'] === 'reject',
  });
  const requestsPerMinute = config['facades.cola.rate_limit'];
  return createCola({ ...deps, store, contents: undefined, names, requestsPerMinute });
}
