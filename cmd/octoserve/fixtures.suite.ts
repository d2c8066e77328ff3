import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { openFileSnapshot } from '../../internal/catalog/sqlite/snapshot.ts';
import type { ExitCode } from '../../internal/cli/index.ts';
import { readSnapshot } from '../../internal/maintenance/fixtures.suite.ts';
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
  live(act: Act): Promise<void>;
  /** Fills the data folder with what `first` made: lived once, and copied for each test. */
  fill(): Promise<void>;
  /** The logical content of a catalog, which is the same before and after a rebuild. */
  logical(path?: string): Promise<string>;
}

type Act = (rig: Pick<Rig, 'registry'>, stores: Stores) => Promise<void>;

export function useWorkshop(first: Act): Workshop {
  let shared: TempFolder | undefined;
  let folder: TempFolder | undefined;
  const cwd = (): string => folder?.path ?? '';
  const settings = (parent = cwd()) => ({ 'storage.path': join(parent, 'data'), 'storage.durability': 'os' });
  beforeAll(async () => {
    shared = await openTempFolder('octoserve-cmd-first');
    await live(first, shared.path);
  });
  afterAll(() => shared?.remove());
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
    live,
    fill: () => cp(join(shared?.path ?? '', 'data'), settings()['storage.path'], { recursive: true }),
    logical: async (path = join(settings()['storage.path'], 'catalog.db')) =>
      readSnapshot(await openFileSnapshot(path), 'logical'),
  };

  function live(act: Act, parent = cwd()): Promise<void> {
    const input = { options: {}, lists: {}, shadowed: {}, arguments: [], settings: settings(parent) };
    const silent = { write: () => undefined };
    const use = async (stores: Stores): Promise<ExitCode> => {
      const registry = await openRegistry(stores);
      await act({ registry }, stores);
      await registry.chores.followChanges();
      return 0;
    };
    const io = { stdout: silent, stderr: silent, env: {}, cwd: parent };
    return withStores(input, io, use, { mayBeNew: true }).then(() => undefined);
  }
}
