import { openTempFolder } from '../../../testing/temp-folder.ts';
import { describeColaStore } from '../store.suite.ts';
import { openStoreAt } from './open.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describeColaStore('a document in a file', async ({ refusesOverlaps }) => {
  const folder = await openTempFolder('cola-document');
  const deps = { token: undefined, env: {}, cwd: folder.path, clock: Date.now, log, refusesOverlaps };
  const store = await openStoreAt('file://./registry.json', deps);
  return {
    store,
    async close() {
      await store.close();
      await folder.remove();
    },
  };
});
