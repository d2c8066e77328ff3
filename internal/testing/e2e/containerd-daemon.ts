import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder } from '../temp-folder.ts';
import { startDaemon } from './child.ts';
import { programOf } from './clients.ts';
import { run, tryRun } from './run.ts';

/** A containerd of the tests' own. */
export interface Containerd {
  /** Runs `ctr` against it. */
  ctr(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export async function startContainerd(): Promise<Containerd> {
  const home = await openTempFolder('octoserve-containerd');
  const socket = join(home.path, 'containerd.sock');
  const config = join(home.path, 'config.toml');
  // Nothing of Kubernetes: it would listen on a port and look for networks.
  await writeFile(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  const client = programOf('containerd', 'ctr');
  const address = ['--address', socket];
  const folders = ['--root', join(home.path, 'root'), '--state', join(home.path, 'state')];
  const daemon = await startDaemon(programOf('containerd'), ['--config', config, ...address, ...folders], {
    isReady: async () => (await tryRun(client, [...address, 'version'])).code === 0,
  }).catch(async (failure: unknown) => {
    await home.remove();
    throw failure;
  });
  return {
    ctr: (...args) => run(client, [...address, ...args]),
    async close() {
      await daemon.end('SIGTERM');
      await home.remove();
    },
  };
}
