import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { dirname, join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { findFreePort } from './ports.ts';
import { commandsOf, installPrograms } from './quickstart.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['curl', 'oras'], 'the commands that the documentation shows for Foundry', () => {
  let folder: TempFolder;
  let path: string;
  beforeAll(async () => {
    folder = await openTempFolder('quickstart-foundry');
    const programs = await installPrograms(join(folder.path, '.programs'), ['octoserve', 'registry-cli']);
    path = [programs, dirname(programOf('oras')), process.env['PATH']].join(':');
  });
  afterAll(() => folder.remove());

  /** As written, but for the port: another server may have the one that is shown. */
  const shell = (commands: string, port: number): Promise<string> =>
    run('sh', ['-e', '-c', commands.replaceAll('localhost:5000', `localhost:${port}`)], {
      cwd: folder.path,
      env: { PATH: path, OCTOSERVE_SERVER_PORT: String(port) },
    });

  it('docs/quickstart.md: go from an empty folder to an installed tool', async () => {
    const printed = await shell(commandsOf('docs/quickstart.md', '## Foundry'), await findFreePort());
    expect(printed).toContain('Pushed hello@1.0.0\n');
    expect(printed).toContain('Packages:\n  - hello\n');
    expect(printed).toContain('hello from 1.0.0\n');
    expect(printed).toContain('hello from 1.1.0\n');
    expect(printed).toContain('Pulled hello@2.0.0 -> bin/hello\n');
  }, 120_000);

  it('README.md: upload a tool and install it', async () => {
    const server: ServerProcess = await startServer();
    try {
      const printed = await shell(commandsOf('README.md', '### Foundry'), server.port);
      expect(printed).toContain('"package":"hello","version":"1.0.0"');
      expect(printed.endsWith('hello from a tool\n')).toBe(true);
    } finally {
      await server.close();
    }
  }, 120_000);
});
