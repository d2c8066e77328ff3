import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeRealImage, writeDockerArchive } from './real-image.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const LOCAL = 'localhost/local/app:1';

describeClients(['podman'], 'podman', () => {
  let server: ServerProcess;
  let folder: TempFolder;

  const podman = async (...args: readonly string[]): Promise<string> => {
    const stores = ['--root', join(folder.path, 'root'), '--runroot', join(folder.path, 'run')];
    return (await run(programOf('podman'), [...stores, '--storage-driver', 'vfs', ...args])).trim();
  };
  const idOf = (name: string): Promise<string> => podman('image', 'inspect', '--format', '{{.Id}}', name);
  const push = (name: string): Promise<string> => podman('push', '--tls-verify=false', LOCAL, name);
  const pull = (name: string): Promise<string> => podman('pull', '--quiet', '--tls-verify=false', name);

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
    const archive = join(folder.path, 'image.tar');
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'podman' }, { more: 'podman' }]), LOCAL);
    await podman('load', '--quiet', '--input', archive);
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  it('pushes an image, removes it, and pulls the same one', async () => {
    const name = `${server.host}/podman/app:1.0`;
    const id = await idOf(LOCAL);
    const archive = join(folder.path, 'kept.tar');
    await podman('save', '--quiet', '--output', archive, LOCAL);
    await push(name);
    await podman('rmi', '--force', id);
    expect(await podman('images', '--quiet')).toBe('');
    expect(await pull(name)).toBe(id);
    await podman('load', '--quiet', '--input', archive);
  });

  it('writes down the digest under which others find the image', async () => {
    const name = `${server.host}/podman/digest`;
    const file = join(folder.path, 'digest');
    await podman('push', '--tls-verify=false', '--digestfile', file, LOCAL, `${name}:1`);
    const head = await fetch(`${server.url}/v2/podman/digest/manifests/1`, { method: 'HEAD' });
    const digest = head.headers.get('docker-content-digest');
    expect(await pull(`${name}@${digest}`)).toBe(await idOf(LOCAL));
  });

  it('pushes a manifest list with the images that it names', async () => {
    const name = `${server.host}/podman/list:1`;
    await podman('manifest', 'create', 'local-list', `containers-storage:${LOCAL}`);
    await podman('manifest', 'push', '--all', '--tls-verify=false', 'local-list', `docker://${name}`);
    const response = await fetch(`${server.url}/v2/podman/list/manifests/1`);
    const index = (await response.json()) as { manifests: { digest: string }[] };
    expect(index.manifests).toHaveLength(1);
    const child = await fetch(`${server.url}/v2/podman/list/manifests/${index.manifests[0]?.digest}`);
    expect(child.status).toBe(200);
  });
});
