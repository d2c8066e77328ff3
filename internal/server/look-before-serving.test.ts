import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogError, type Catalog } from '../catalog/index.ts';
import { loadConfig } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { StorageError } from '../storage/index.ts';
import type { UploadId } from '../../pkg/oci/index.ts';
import { startS3Server } from '../testing/s3/server.ts';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { buildServer, type Built } from './build.ts';
import { onlyComplete, toldByStores, warnOfOldTree } from './look-before-serving.ts';
import { OPTION_TABLES } from './options.ts';

const ignore = (): void => undefined;
const SILENT: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => SILENT };

const catalogThat = (findRestore: () => Promise<string | undefined>): Catalog =>
  ({ queries: { findRestore } }) as unknown as Catalog;

describe('a catalog that was not filled to its end', () => {
  it('is not served, and the command that goes on is named', async () => {
    const catalog = catalogThat(async () => 'load 1234');
    await expect(onlyComplete(catalog, SILENT)).rejects.toThrow('octoserve load was interrupted: run it again');
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
    await first.catalog.run('endRestore', { holder: 'rebuild', nowMs: 1 });
    await (await build()).close();
    await first.close();
    await folder.remove();
  });

  it('is found out later where the database is away at first, and served once it is filled', async () => {
    const lines: string[] = [];
    const answers: (() => Promise<string | undefined>)[] = [
      () => Promise.reject(new CatalogError('busy', 'away')),
      () => Promise.reject(new CatalogError('busy', 'still away')),
      async () => 'load 1234',
      async () => 'load 1234',
      async () => undefined,
    ];
    const inside: string[] = [];
    const catalog = {
      queries: { findRestore: () => answers.shift()!(), findUpload: async (id: string) => void inside.push(id) },
      run: async (name: string) => void inside.push(name),
      check: async () => void inside.push('check'),
    } as unknown as Catalog;
    const served = await onlyComplete(catalog, { error: (line) => void lines.push(line) });
    const unfinished = { failure: 'busy', message: expect.stringContaining('load was interrupted: run it again') };
    await expect(served.queries.findUpload('a' as UploadId)).rejects.toMatchObject({ message: 'still away' });
    await expect(served.run('dropLease', { name: '', holder: '' })).rejects.toMatchObject(unfinished);
    await expect(served.check()).rejects.toMatchObject(unfinished);
    expect(inside).toEqual([]);
    await served.check();
    await served.queries.findUpload('a' as UploadId);
    await served.run('dropLease', { name: '', holder: '' });
    expect(inside).toEqual(['check', 'a', 'dropLease']);
    expect(lines).toEqual([expect.stringMatching(/^The catalog is not served: .* octoserve load was interrupted/)]);
  });

  it('is not looked for again where the database fails otherwise', async () => {
    const broken = catalogThat(() => Promise.reject(new CatalogError('broken', 'no table')));
    await expect(onlyComplete(broken, SILENT)).rejects.toThrow('no table');
  });
});

describe('the folder of the catalog', () => {
  it.each(['its default', 'catalog.path'])('is made where nobody else makes it: %s', async (where) => {
    const folder = await openTempFolder('octoserve-catalog');
    const s3 = await startS3Server();
    const flags = {
      'storage.path': join(folder.path, 'not', 'there'),
      'storage.type': 's3',
      'storage.s3.endpoint': s3.endpoint,
      'storage.s3.bucket': s3.bucket,
      'storage.s3.access_key_id': s3.accessKeyId,
      'storage.s3.secret_access_key': s3.secretAccessKey,
      ...(where === 'catalog.path' && { 'catalog.path': join(folder.path, 'nor', 'there', 'my.db') }),
    };
    const { config } = await loadConfig({ tables: OPTION_TABLES, env: {}, flags, cwd: folder.path });
    const metrics = createMetrics();
    const built = await buildServer({ config, log: SILENT, version: '0', metrics, expose: () => metrics.expose() });
    expect(await Promise.all([built.catalog.check(), built.storage.check()])).toEqual([undefined, undefined]);
    await built.close();
    await s3.close();
    await folder.remove();
  });
});

describe('what the stores tell themselves', () => {
  const told = async (settings: Record<string, string>, failure: unknown): Promise<boolean> => {
    const { config } = await loadConfig({ tables: OPTION_TABLES, env: {}, flags: settings, cwd: '/' });
    return toldByStores(config)(failure);
  };
  const [S3, POSTGRES] = [{ 'storage.type': 's3' }, { 'catalog.type': 'postgres' }];

  it.each<[Record<string, string>, unknown, boolean]>([
    [S3, new StorageError('busy', 'away'), true],
    [S3, new StorageError('throttled', 'slow down'), false],
    [S3, new StorageError('broken', 'a bug'), false],
    [S3, new CatalogError('busy', 'locked'), false],
    [{}, new StorageError('busy', 'EMFILE'), false],
    [{}, new CatalogError('busy', 'locked'), false],
    [POSTGRES, new CatalogError('busy', 'away'), true],
    [POSTGRES, new CatalogError('full', 'no room'), false],
    [POSTGRES, new Error('the lease was lost', { cause: new CatalogError('busy', 'away') }), true],
    [POSTGRES, new Error('the lease was lost'), false],
  ])('with %j: %p is told elsewhere: %p', async (settings, failure, expected) => {
    expect(await told(settings, failure)).toBe(expected);
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
