import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openTempFolder } from '../temp-folder.ts';
import { startDaemon, type Child } from './child.ts';
import { findFreePort } from './ports.ts';
import { run, tryRun, type Ran } from './run.ts';
import { IS_DIST } from './server-process.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const programOf = (name: string): string => join(ROOT, IS_DIST ? `dist/cmd/${name}/main.js` : `cmd/${name}/main.ts`);

/** The program `registry-server` as a process of its own, with the token `t1`. */
export interface FoundryProcess {
  readonly url: string;
  readonly host: string;
  readonly child: Child;
  /** Where it runs; its data is in `data`. */
  readonly folder: string;
  /** Runs `registry-cli` against it, in its folder. */
  cli(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:OCTOSERVE|FOUNDRY)_/.test(name)));

export async function startFoundry(): Promise<FoundryProcess> {
  const home = await openTempFolder('foundry-e2e');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(
    join(home.path, 'config.yaml'),
    `server: { port: ${port}, host: 127.0.0.1 }\nstorage: { dataDir: ./data }\nauth:\n  tokens: ["t1"]\n`,
  );
  const child = await startDaemon(process.execPath, [programOf('registry-server'), '-config', 'config.yaml'], {
    cwd: home.path,
    env: plainEnvironment(),
    isReady: () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  return {
    url,
    host: `127.0.0.1:${port}`,
    child,
    folder: home.path,
    cli: (...args) =>
      run(process.execPath, [programOf('registry-cli'), ...args], {
        cwd: home.path,
        env: { FOUNDRY_SERVER: url, FOUNDRY_TOKEN: 't1' },
      }),
    async close() {
      if (!child.hasEnded()) await child.end('SIGTERM');
      await home.remove();
    },
  };
}

/** Runs `registry-server` to its end. */
export function runFoundryServer(args: readonly string[], cwd: string): Promise<Ran> {
  return tryRun(process.execPath, [programOf('registry-server'), ...args], { cwd });
}
