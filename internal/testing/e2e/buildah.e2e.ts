import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { writeFiles } from './real-image.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['buildah'], 'buildah', () => {
  let server: ServerProcess;
  let folder: TempFolder;

  const buildah = async (...args: readonly string[]): Promise<string> => {
    const stores = ['--root', join(folder.path, 'root'), '--runroot', join(folder.path, 'run')];
    return (await run(programOf('buildah'), [...stores, '--storage-driver', 'vfs', ...args])).trim();
  };
  const pull = (name: string): Promise<string> => buildah('pull', '--quiet', '--tls-verify=false', name);

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
    await writeFiles(join(folder.path, 'tree'), { 'bin/hello': 'built here' });
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  it('builds on what it pulls, and pushes it in two formats', async () => {
    const base = `${server.host}/buildah/base:1`;
    const scratch = await buildah('from', 'scratch');
    await buildah('copy', '--quiet', scratch, join(folder.path, 'tree'), '/');
    const id = await buildah('commit', '--quiet', scratch, 'base');
    await buildah('push', '--quiet', '--tls-verify=false', '--format', 'v2s2', 'base', `docker://${base}`);
    await buildah('rmi', '--force', id);

    const container = await buildah('from', '--quiet', '--tls-verify=false', base);
    const mounted = await buildah('mount', container);
    expect(await readFile(join(mounted, 'bin/hello'), 'utf8')).toBe('built here');
    await buildah('umount', container);
    await buildah('commit', '--quiet', container, 'derived');
    await buildah(
      'push',
      '--quiet',
      '--tls-verify=false',
      '--format',
      'oci',
      'derived',
      `docker://${server.host}/buildah/derived:1`,
    );
    const types = await Promise.all(
      ['base', 'derived'].map(async (name) => {
        const response = await fetch(`${server.url}/v2/buildah/${name}/manifests/1`);
        return response.headers.get('content-type');
      }),
    );
    expect(types).toEqual([
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.oci.image.manifest.v1+json',
    ]);
    expect(await pull(`${server.host}/buildah/derived:1`)).toMatch(/^[0-9a-f]{64}$/);
  });
});
