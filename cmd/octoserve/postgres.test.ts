import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPostgresCatalog } from '../../internal/catalog/postgres/catalog.ts';
import { settingsFor, SILENT } from '../../internal/catalog/postgres/fixtures.suite.ts';
import { pushImage, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { createSamples } from '../../internal/testing/images.ts';
import { openPostgres, type PostgresServer } from '../../internal/testing/postgres.ts';
import { useWorkshop } from './fixtures.suite.ts';

let server: PostgresServer;
beforeAll(async () => void (server = await openPostgres()), 60_000);
afterAll(() => server.close());

const image = createSamples('cmd postgres').image();
const workshop = useWorkshop((rig) => pushImage(rig as Rig, 'team/app', image, '1.0'));

describe('the commands that fill a catalog in PostgreSQL', () => {
  const emptyDatabase = async (): Promise<readonly string[]> => [
    '--catalog.type=postgres',
    `--catalog.url=${await server.createDatabase()}`,
  ];

  it('load takes what dump wrote of a file, and dump gives it back', async () => {
    await workshop.fill();
    await workshop.run('dump', '--output', 'c.dump');
    const database = await emptyDatabase();
    expect(await workshop.run('load', 'c.dump', ...database)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await workshop.run('dump', ...database)).stdout).toBe(await readFile(join(workshop.cwd, 'c.dump'), 'utf8'));
    expect(await workshop.run('verify', ...database)).toMatchObject({ exitCode: 0 });
  });

  it('rebuild fills an empty database, and no other', async () => {
    await workshop.fill();
    const database = await emptyDatabase();
    expect((await workshop.run('rebuild', ...database)).stdout).toBe('Restored 1 manifest and 1 tag.\n');
    expect((await workshop.run('dump', '--logical', ...database)).stdout).toBe(await workshop.logical());
    expect(await workshop.run('rebuild', ...database)).toMatchObject({
      exitCode: 1,
      stderr: 'The catalog is not empty\nName an empty database in catalog.url.\n',
    });
  });

  it('fill none that a server is connected to', async () => {
    await workshop.fill();
    await workshop.run('dump', '--output', 'c.dump');
    const database = await emptyDatabase();
    const catalog = await openPostgresCatalog(settingsFor(database[1]!.slice('--catalog.url='.length)), SILENT);
    await catalog.check();
    for (const argv of [['rebuild'], ['load', 'c.dump']]) {
      expect(await workshop.run(...argv, ...database)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^An octoserve is connected to the database\n/),
      });
    }
    await catalog.close();
  });

  it('go on with one that was only filled in part, and say how', async () => {
    await workshop.fill();
    await workshop.run('dump', '--output', 'c.dump');
    const database = await emptyDatabase();
    const catalog = await openPostgresCatalog(settingsFor(database[1]!.slice('--catalog.url='.length)), SILENT);
    await catalog.run('beginRestore', { holder: 'rebuild' });
    await catalog.close();
    const { stderr } = await workshop.run('load', 'c.dump', ...database);
    expect(stderr).toContain('octoserve rebuild was interrupted\n');
    expect(stderr).toContain('In an empty database it starts anew.');
    expect(await workshop.run('rebuild', ...database)).toMatchObject({ exitCode: 0 });
  });
});
