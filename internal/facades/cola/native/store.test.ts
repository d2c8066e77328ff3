import { parseRepositoryName } from '../../../../pkg/oci/index.ts';
import { createArtifacts } from '../../../artifacts/index.ts';
import { openServer } from '../../../server/fixtures.suite.ts';
import { createNames } from '../names.ts';
import { describeColaStore } from '../store.suite.ts';
import { createNativeStore } from './store.ts';

describeColaStore('artifacts', async ({ refusesOverlaps }) => {
  const server = await openServer();
  const { built } = server;
  const artifacts = createArtifacts(built);
  const store = createNativeStore({
    artifacts,
    names: createNames(parseRepositoryName('cola')),
    isStrict: false,
    overlap: refusesOverlaps ? 'reject' : 'allow',
    check: () => built.catalog.check(),
    clock: Date.now,
  });
  return { store, close: () => server.close() };
});
