import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/index.ts';
import { createLogger } from '../log/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { OPTION_TABLES } from './options.ts';
import { serve } from './serve.ts';
import type { StandAlone } from './stand-alone.ts';

interface Logged {
  readonly level: string;
  readonly msg: string;
  readonly error?: string;
}

type Settings = Readonly<Record<string, string>>;

describe('a server that cannot start', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await openTempFolder('octoserve-start');
    await writeFile(join(folder.path, 'file'), 'neither folder nor database');
  });
  afterEach(() => folder.remove());

  /** Its exit code, and the last line of its log. What is given of `paths` is in the test's folder. */
  async function start(settings: Settings, paths: Settings = {}, standAlone?: StandAlone) {
    const inFolder = Object.entries({ 'storage.path': 'data', ...paths }).map(([key, path]) => [
      key,
      join(folder.path, path),
    ]);
    const flags = { 'storage.durability': 'os', ...settings, ...Object.fromEntries(inFolder) };
    const { config } = await loadConfig({ tables: OPTION_TABLES, env: {}, flags, cwd: folder.path });
    const metrics = createMetrics();
    const lines: string[] = [];
    const exitCode = await serve({
      role: 'alone',
      config,
      version: '0',
      standAlone,
      log: createLogger({ level: 'info', format: 'json', write: (line) => void lines.push(line) }),
      stop: AbortSignal.abort('it started'),
      onReady: () => undefined,
      metrics,
      expose: () => metrics.expose(),
    });
    const { level, msg, error } = JSON.parse(lines.at(-1) ?? '{}') as Logged;
    return { exitCode, told: [level, msg, error] };
  }

  it.each([
    ['storage', {}, { 'storage.path': 'file' }, 'cannot use'],
    ['catalog', {}, { 'catalog.path': 'file' }, 'not a database'],
    ['authentication', { 'auth.mode': 'basic' }, { 'auth.users_file': 'none.yaml' }, 'none.yaml'],
    ['facades', { 'facades.foundry.enabled': 'true', 'facades.foundry.base_path': '/v2' }, {}, 'has two owners'],
  ])('names the %s, and what is wrong with it', async (part, settings, paths, why) => {
    expect(await start(settings, paths)).toEqual({
      exitCode: 1,
      told: ['ERROR', `Failed to initialize ${part}`, expect.stringContaining(why)],
    });
  });

  it('says so in the words of a stand-alone program, with its exit code', async () => {
    const words = { catalogFailed: 'no metadata' };
    const standAlone = { facade: 'foundry', words, exitCodes: { start: 3 } };
    expect(await start({}, { 'catalog.path': 'file/catalog.db' }, standAlone)).toMatchObject({
      exitCode: 3,
      told: ['ERROR', 'no metadata', expect.anything()],
    });
  });

  it('says where it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    expect(await start({ 'server.address': '127.0.0.1', 'server.port': String(port) })).toEqual({
      exitCode: 1,
      told: ['ERROR', 'HTTP server error', expect.anything()],
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
