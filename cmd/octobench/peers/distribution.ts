import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CliError } from '../../../internal/cli/index.ts';
import { findFreePort, startProgram, type Peer } from './program.ts';

export const DISTRIBUTION_VERSION = 'v3.1.1';
const PACKAGE = `github.com/distribution/distribution/v3/cmd/registry@${DISTRIBUTION_VERSION}`;
const BUILD_MS = 20 * 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where what is built or measured is kept. */
export function cacheFolder(env: Environment): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'octobench');
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** CNCF distribution's program: the one that OCTOBENCH_DISTRIBUTION names, or else built by Go, once. */
export async function findDistribution(env: Environment, onStep: (text: string) => void): Promise<string> {
  const named = env['OCTOBENCH_DISTRIBUTION'];
  if (named) return named;
  const folder = join(cacheFolder(env), `distribution-${DISTRIBUTION_VERSION}`);
  const program = join(folder, 'registry');
  if (await exists(program)) return program;
  onStep(`building distribution ${DISTRIBUTION_VERSION}, which takes some minutes`);
  await mkdir(folder, { recursive: true });
  const path = `${env['PATH'] ?? ''}:/usr/local/go/bin`;
  try {
    const own = { ...process.env, PATH: path, GOBIN: folder };
    await promisify(execFile)('go', ['install', PACKAGE], { env: own, timeout: BUILD_MS });
  } catch (cause) {
    throw new CliError(`distribution ${DISTRIBUTION_VERSION} could not be built: ${(cause as Error).message}`, {
      hint: 'It takes Go 1.25 or newer; or name the program in OCTOBENCH_DISTRIBUTION.',
      cause,
    });
  }
  return program;
}

// As its own sample has it, descriptors in memory; JSON is YAML.
const configOf = (folder: string, port: number, logsRequests: boolean): object => ({
  version: '0.1',
  log: { level: logsRequests ? 'info' : 'error', accesslog: { disabled: !logsRequests } },
  storage: {
    filesystem: { rootdirectory: join(folder, 'data') },
    cache: { blobdescriptor: 'inmemory' },
    delete: { enabled: true },
  },
  http: { addr: `127.0.0.1:${port}` },
});

export interface DistributionOptions {
  readonly program: string;
  readonly folder: string;
  readonly logsRequests: boolean;
}

export async function startDistribution({ program, folder, logsRequests }: DistributionOptions): Promise<Peer> {
  const port = await findFreePort();
  const config = join(folder, 'config.yml');
  await writeFile(config, JSON.stringify(configOf(folder, port, logsRequests)));
  return startProgram({
    command: program,
    args: ['serve', config],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    folder,
    url: `http://127.0.0.1:${port}`,
  });
}
