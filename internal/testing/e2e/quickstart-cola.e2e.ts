import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { dirname, join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { findFreePort } from './ports.ts';
import { commandsOf, installPrograms } from './quickstart.ts';
import { run } from './run.ts';
import { startServer } from './server-process.ts';

describeClients(['curl', 'oras', 'zip'], 'the commands that the documentation shows for COLA', () => {
  let folder: TempFolder;
  let path: string;
  beforeAll(async () => {
    folder = await openTempFolder('quickstart-cola');
    const programs = await installPrograms(join(folder.path, '.programs'), ['octoserve', 'cola-regctl']);
    path = [programs, dirname(programOf('oras')), process.env['PATH']].join(':');
  });
  afterAll(() => folder.remove());

  /** As written, but for the port: another server may have the one that is shown. */
  const shell = (commands: string, port: number): Promise<string> =>
    run('sh', ['-e', '-c', commands.replaceAll('localhost:5000', `localhost:${port}`)], {
      cwd: folder.path,
      env: { PATH: path, HOME: folder.path, OCTOSERVE_SERVER_PORT: String(port) },
    });

  it('docs/quickstart.md: go from an empty folder to an installed tool', async () => {
    const port = await findFreePort();
    const printed = await shell(commandsOf('docs/quickstart.md', '## COLA'), port);
    expect(printed).toContain(`"url":"http://localhost:${port}/v2/cola/ops/hello/blobs/sha256:`);
    expect(printed).toContain('hello from 1.0.0\n');
    expect(printed).toMatch(/^1\.0\.0 .*\n1\.1\.0 /m);
  }, 120_000);

  it('README.md: publish a tool and install it', async () => {
    const server = await startServer();
    try {
      await run('sh', ['-c', 'rm -rf installed'], { cwd: folder.path });
      const printed = await shell(commandsOf('README.md', '### COLA'), server.port);
      expect(printed).toContain('"installable":true');
      expect(printed.endsWith('hello from a package\n')).toBe(true);
    } finally {
      await server.close();
    }
  }, 120_000);
});
