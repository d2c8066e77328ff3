import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogError, type Catalog } from '../catalog/index.ts';
import { loadConfig } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { buildServer, type Built } from './build.ts';
import { refuseUnfinished, warnOfOldTree } from './look-before-serving.ts';
import { OPTION_TABLES } from './options.ts';

const ignore = (): void => undefined;
const SILENT: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => SILENT };

const catalogThat = (findRestore: () => Promise<string | undefined>): Catalog =>
  ({ queries: { findRestore } }) as unknown as Catalog;

describe('a catalog that was not filled to its end', () => {
  it('is not served, and the command that goes on is named', async () => {
    const catalog = catalogThat(async () => 'load 1234');
    await expect(refuseUnfinished(catalog)).rejects.toThrow('octoserve load was interrupted: run it again');
  });

  it('is served when that came to its end, and not before', async () => {
    const folder = await openTempFolder('octoserve-unfinished');
    const flags = { 'storage.path': folder.path, 'storage.durability': 'os' };
    const { config } = await loadConfig({ tables: OPTION_TABLES, env: {}, flags, cwd: folder.path });
    const build = (): Promise<Built> => {
      const own = createMetrics();
      return buildServer({ config, log: SILENT, version: '0', metrics: own, expose: () => own.expose() });
    };
    const first = await build();
    await first.catalog.run('beginRestore', { holder: 'rebuild' });
    await expect(build()).rejects.toThrow('octoserve rebuild was interrupted');
    await first.catalog.run('endRestore', { holder: 'rebuild' });
    await (await build()).close();
    await first.close();
    await folder.remove();
  });

  it('does not keep a server from starting where the database is away', async () => {
    const away = catalogThat(() => Promise.reject(new CatalogError('busy', 'away')));
    await expect(refuseUnfinished(away)).resolves.toBeUndefined();
    const broken = catalogThat(() => Promise.reject(new CatalogError('broken', 'no table')));
    await expect(refuseUnfinished(broken)).rejects.toThrow('no table');
  });
});

describe('the folder of an older Octoserve', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await openTempFolder('octoserve-old');
  });
  afterEach(() => folder.remove());

  async function warnings(settings: Readonly<Record<string, string>> = {}) {
    const flags = { 'storage.path': join(folder.path, 'data'), ...settings };
    const { config } = await loadConfig({ tables: OPTION_TABLES, env: {}, flags, cwd: folder.path });
    const told: unknown[] = [];
    await warnOfOldTree(config, { warn: (message, fields) => told.push([message, fields]) });
    return told;
  }

  it('is told of in one line that names the command', async () => {
    const path = join(folder.path, 'data');
    await mkdir(join(path, 'manifests/team_app'), { recursive: true });
    for (const tag of ['v1', 'v2']) {
      await writeFile(join(path, 'manifests/team_app', tag), '{"schemaVersion":2,"layers":[]}');
    }
    expect(await warnings()).toEqual([
      [expect.stringContaining('import them'), { command: `octoserve import octoserve ${path}` }],
    ]);
    expect(await warnings({ 'storage.type': 'memory' })).toEqual([]);
  });

  it('is not seen in a folder that is empty, or not there yet', async () => {
    expect(await warnings()).toEqual([]);
    await mkdir(join(folder.path, 'data'));
    expect(await warnings()).toEqual([]);
  });
});
