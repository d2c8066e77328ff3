import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import type { ExitCode } from '../../internal/cli/index.ts';
import type { Rig } from '../../internal/registry/fixtures.suite.ts';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createOctoserve } from './octoserve.ts';
import { openRegistry } from './registry.ts';
import { withStores, type Stores } from './stores.ts';

// A suite by its name only because nothing but tests may import it.

/** What a command left behind. */
export interface Ran {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with the data of a server that is not running, and the program to work on it. */
export interface Workshop {
  /** Where relative paths of the command line start. */
  readonly cwd: string;
  /** The data folder. */
  readonly data: string;
  run(...argv: readonly string[]): Promise<Ran>;
  /** The lines of a command's `--json` output. */
  lines(...argv: readonly string[]): Promise<{ readonly exitCode: ExitCode; readonly lines: readonly object[] }>;
  /** Works on the stores as a server would, and lets the records follow. */
  live(act: (rig: Pick<Rig, 'registry'>, stores: Stores) => Promise<void>): Promise<void>;
}

export function useWorkshop(): Workshop {
  let folder: TempFolder | undefined;
  const cwd = (): string => folder?.path ?? '';
  const settings = () => ({ 'storage.path': join(cwd(), 'data'), 'storage.durability': 'os' });
  beforeEach(async () => {
    folder = await openTempFolder('octoserve-cmd');
  });
  afterEach(() => folder?.remove());

  async function run(...argv: readonly string[]): Promise<Ran> {
    let [stdout, stderr] = ['', ''];
    const flags = Object.entries(settings()).map(([key, value]) => `--${key}=${value}`);
    const named = new Set(argv.map((arg) => arg.split('=')[0]));
    const missing = flags.filter((flag) => !named.has(flag.split('=')[0] ?? ''));
    const exitCode = await createOctoserve().run([...argv, ...missing], {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      env: {},
      cwd: cwd(),
    });
    return { exitCode, stdout, stderr };
  }

  return {
    get cwd() {
      return cwd();
    },
    get data() {
      return settings()['storage.path'];
    },
    run,
    lines: async (...argv) => {
      const { exitCode, stdout } = await run(...argv, '--json');
      return {
        exitCode,
        lines: stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as object),
      };
    },
    live: async (act) => {
      const input = { options: {}, arguments: [], settings: settings() };
      const silent = { write: () => undefined };
      await withStores(
        input,
        { stdout: silent, stderr: silent, env: {}, cwd: cwd() },
        async (stores) => {
          const registry = openRegistry(stores);
          await act({ registry }, stores);
          await registry.chores.followChanges();
          return 0;
        },
        { mayBeNew: true },
      );
    },
  };
}
