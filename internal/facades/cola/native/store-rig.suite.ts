import { parseRepositoryName } from '../../../../pkg/oci/index.ts';
import { createArtifacts } from '../../../artifacts/index.ts';
import { openServer } from '../../../server/fixtures.suite.ts';
import { createNames } from '../names.ts';
import type { OpenedStore } from '../store.suite.ts';
import { createNativeStore } from './store.ts';

// A suite by its name only because nothing but tests may import it.

/** The native store over the artifacts of a server with these settings. */
export async function openNativeStore(
  { refusesOverlaps }: { readonly refusesOverlaps: boolean },
  settings: Readonly<Record<string, string>> = {},
): Promise<OpenedStore> {
  const server = await openServer({ settings });
  const { built } = server;
  const store = createNativeStore({
    artifacts: createArtifacts(built),
    names: createNames(parseRepositoryName('cola')),
    isStrict: false,
    overlap: refusesOverlaps ? 'reject' : 'allow',
    check: () => built.catalog.check(),
    clock: Date.now,
  });
  return { store, close: () => server.close() };
}
