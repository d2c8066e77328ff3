import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['helm'], 'helm', () => {
  let server: ServerProcess;
  let folder: TempFolder;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  async function helm(...args: readonly string[]): Promise<string> {
    const folders = { HELM_CACHE_HOME: 'cache', HELM_CONFIG_HOME: 'config', HELM_DATA_HOME: 'data' };
    const env = Object.fromEntries(Object.entries(folders).map(([name, value]) => [name, join(folder.path, value)]));
    return run(programOf('helm'), args, { cwd: folder.path, env });
  }

  it('pushes a chart and pulls the same file back', async () => {
    await mkdir(join(folder.path, 'pulled'));
    await helm('create', 'app');
    await helm('package', 'app', '--version', '1.2.3');
    await helm('push', '--plain-http', 'app-1.2.3.tgz', `oci://${server.host}/charts`);
    await helm(
      'pull',
      '--plain-http',
      `oci://${server.host}/charts/app`,
      '--version',
      '1.2.3',
      '--destination',
      'pulled',
    );
    expect(await helm('show', 'chart', '--plain-http', `oci://${server.host}/charts/app`)).toContain('version: 1.2.3');
    expect(await readFile(join(folder.path, 'pulled/app-1.2.3.tgz'))).toEqual(
      await readFile(join(folder.path, 'app-1.2.3.tgz')),
    );
  });
});
