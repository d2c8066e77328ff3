import { extname, join } from 'node:path';
import { findFreePort, startProgram, type Peer } from './program.ts';

export interface OctoserveOptions {
  readonly folder: string;
  readonly durability: 'full' | 'os';
  readonly logsRequests: boolean;
  readonly workers: string;
  /** More of its settings. */
  readonly env?: Readonly<Record<string, string>>;
}

const PROGRAM = join(import.meta.dirname, `../../octoserve/main${extname(import.meta.filename)}`);

/** This very product as it comes, apart from what the options say, on sources or `dist` as this program is. */
export async function startOctoserve({
  folder,
  durability,
  logsRequests,
  workers,
  env = {},
}: OctoserveOptions): Promise<Peer> {
  const port = await findFreePort();
  return startProgram({
    command: process.execPath,
    args: [PROGRAM],
    env: {
      OCTOSERVE_SERVER_PORT: String(port),
      OCTOSERVE_STORAGE_PATH: join(folder, 'data'),
      OCTOSERVE_STORAGE_DURABILITY: durability,
      OCTOSERVE_LOG_REQUESTS: String(logsRequests),
      OCTOSERVE_SERVER_WORKERS: workers,
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
      ...env,
    },
    folder,
    url: `http://127.0.0.1:${port}`,
  });
}
