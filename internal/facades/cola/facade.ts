import { parseRepositoryName } from '../../../pkg/oci/index.ts';
import type { Facade, FacadeDeps, Surface } from '../types.ts';
import { createCola } from './cola.ts';
import { createNames, type Names } from './names.ts';
import { createNativeContents } from './native/contents.ts';
import { createDoor } from './native/door.ts';
import { createNativeStore } from './native/store.ts';
import type { ColaConfig } from './options.ts';
import { BASE } from './paths.ts';

/** COLA: registries of command-line tools for command-launcher, its packages kept as OCI artifacts. */
export const cola: Facade<ColaConfig> = {
  name: 'cola',
  // All that no other facade has there: unknown paths are answered in COLA's words.
  prefixes: () => [BASE],
  door: createDoor,
  create(deps) {
    const { config, artifacts, check, clock } = deps;
    const names = createNames(parseRepositoryName(config['facades.cola.prefix']));
    const uri = config['facades.cola.storage_uri'];
    if (uri !== undefined) return createOverDocument(deps, uri, names);
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
    return createCola({ ...deps, store, contents, names, requestsPerMinute: config['facades.cola.rate_limit'] });
  },
};

/** The same over one document, which keeps no bytes. */
async function createOverDocument(deps: FacadeDeps<ColaConfig>, uri: string, names: Names): Promise<Surface> {
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
