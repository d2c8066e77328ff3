import { join } from 'node:path';
import { openTempFolder } from '../temp-folder.ts';
import { startDaemon } from './child.ts';
import { programOf } from './clients.ts';
import { run, tryRun, type Ran } from './run.ts';

/** A docker daemon of the tests' own: its images and its socket are nobody else's. */
export interface DockerDaemon {
  /** Runs the docker client against it. */
  docker(...args: readonly string[]): Promise<string>;
  tryDocker(...args: readonly string[]): Promise<Ran>;
  /** The client with another environment: other logins, other helpers. */
  tryDockerAs(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran>;
  close(): Promise<void>;
}

// Images are all that is asked of it: no network, and a storage driver that works on any file system.
const NARROW = ['--storage-driver=vfs', '--iptables=false', '--ip6tables=false', '--ip-masq=false', '--bridge=none'];

export async function startDockerDaemon(): Promise<DockerDaemon> {
  const home = await openTempFolder('octoserve-docker');
  const host = `unix://${join(home.path, 'docker.sock')}`;
  const client = programOf('docker');
  // A client of its own too: no login and no context of whoever runs the tests.
  const env = { DOCKER_CONFIG: join(home.path, 'client'), DOCKER_HOST: host, DOCKER_CONTEXT: '' };
  const data = join(home.path, 'data');
  const folders = [
    `--data-root=${data}`,
    `--exec-root=${join(home.path, 'exec')}`,
    `--pidfile=${join(home.path, 'docker.pid')}`,
  ];
  const daemon = await startDaemon(programOf('docker', 'dockerd'), [`--host=${host}`, ...folders, ...NARROW], {
    isReady: async () => (await tryRun(client, ['version'], { env })).code === 0,
    timeoutMs: 60_000,
  }).catch(async (failure: unknown) => {
    await home.remove();
    throw failure;
  });
  return {
    docker: (...args) => run(client, args, { env }),
    tryDocker: (...args) => tryRun(client, args, { env }),
    tryDockerAs: (other, ...args) => tryRun(client, args, { env: { ...env, ...other } }),
    async close() {
      await daemon.end('SIGTERM');
      await tryRun('umount', [data]); // mounted over itself where mounts are private, and left so
      await home.remove();
    },
  };
}
