import { join } from 'node:path';
import { openTempFolder } from '../testing/temp-folder.ts';
import { openServer, type TestServer } from './fixtures.suite.ts';

/** Settings of the catalog that both are to use; none: a SQLite file beside the content. */
export type CatalogSettings = () => Promise<Readonly<Record<string, string>>>;

/** Two servers on the same content and catalog, whose clocks are moved by hand. */
export interface Replicas {
  readonly first: TestServer;
  readonly second: TestServer;
  readonly time: { nowMs: number; ticks: number };
  close(): Promise<void>;
}

export async function openReplicas(
  catalog: CatalogSettings,
  settings: Readonly<Record<string, string>>,
): Promise<Replicas> {
  const folder = await openTempFolder('octoserve-replicas');
  const time = { nowMs: Date.UTC(2026, 0, 1), ticks: 1_000_000 };
  const shared = {
    settings: {
      'storage.type': 'filesystem',
      'storage.path': join(folder.path, 'data'),
      ...(await catalog()),
      ...settings,
    },
    clock: () => time.nowMs,
    ticks: () => time.ticks,
  };
  const [first, second] = [await openServer(shared), await openServer(shared)];
  return {
    first,
    second,
    time,
    close: async () => {
      await Promise.all([first.close(), second.close()]);
      await folder.remove();
    },
  };
}
