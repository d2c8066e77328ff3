import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDatabaseInUse, quiesceFile } from '../../internal/catalog/index.ts';
import { CliError, UsageError, type Io } from '../../internal/cli/index.ts';
import { makeFolders } from '../../internal/files/index.ts';
import type { Refused } from '../../internal/maintenance/index.ts';
import type { Config } from '../../internal/server/index.ts';
import { catalogFile, telling, unfinished } from './stores.ts';
import { namingFailures, systemCodeOf } from './system-failure.ts';

/** Sees to it that no server works on the catalog while it is filled, and with `replace` moves a SQLite file aside. */
export async function makeWay(config: Config, replace: boolean, io: Io): Promise<void> {
  const path = catalogFile(config);
  if (path === undefined) return makeWayInDatabase(config, replace);
  await namingFailures(`${path} cannot be made`, () => makeWayForFile(path, replace, io));
}

async function makeWayInDatabase(config: Config, replace: boolean): Promise<void> {
  if (replace) throw new UsageError('--replace moves a SQLite file aside: in PostgreSQL, make a new database instead');
  if (await telling(() => isDatabaseInUse(config))) {
    throw new CliError('An octoserve is connected to the database', {
      hint: 'Stop all of them first, on every machine.',
    });
  }
}

async function makeWayForFile(path: string, replace: boolean, io: Io): Promise<void> {
  if (!(await isThere(path))) return makeFolders(dirname(path));
  const use = await quiesceFile(path);
  if (use === 'in use') {
    throw new CliError(`A process has ${path} open`, { hint: 'Stop the server first, with all its workers.' });
  }
  if (!replace && use === 'unreadable') {
    throw new CliError(`${path} is not a catalog that can be opened`, { hint: 'With --replace it is moved aside.' });
  }
  if (replace) await moveAside(path, io);
}

async function moveAside(path: string, io: Io): Promise<void> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = `${path}.${stamp}`;
  // What is left of a write-ahead log belongs to its file: one that could not be opened may be mended with it some day.
  for (const end of ['', '-wal', '-shm']) {
    if (await isThere(`${path}${end}`)) await rename(`${path}${end}`, `${aside}${end}`);
  }
  io.stderr.write(`The catalog that was there is ${aside} now.\n`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Why the catalog was not filled, and what to do. */
export function refusal(refused: Refused, config: Config): CliError {
  if (refused.kind === 'unfinished') return unfinished(refused.holder, config);
  return new CliError('The catalog is not empty', {
    hint:
      catalogFile(config) === undefined
        ? 'Name an empty database in catalog.url.'
        : 'With --replace the file that is there is moved aside; nothing is deleted.',
  });
}
