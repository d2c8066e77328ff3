import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { describeClients } from './describe-clients.suite.ts';
import { startDockerDaemon, type DockerDaemon } from './docker-daemon.ts';
import { makeRealImage, writeDockerArchive } from './real-image.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['docker'], 'docker', () => {
  let server: ServerProcess;
  let engine: DockerDaemon;
  let folder: TempFolder;
  let local: string;

  beforeAll(async () => {
    folder = await openTempFolder();
    [server, engine] = await Promise.all([startServer(), startDockerDaemon()]);
  });
  afterAll(async () => {
    await Promise.all([server.close(), engine.close(), folder.remove()]);
  });

  /** A new image in the daemon, under a name of its own. */
  beforeEach(async () => {
    local = `local/${randomUUID()}:latest`;
    const archive = join(folder.path, 'image.tar');
    const image = await makeRealImage([{ hello: `hello ${local}` }, { 'etc/more': local }]);
    await writeDockerArchive(archive, image, local);
    await engine.docker('load', '--input', archive);
  });

  const inspect = async (name: string, format: string): Promise<string> =>
    (await engine.docker('image', 'inspect', '--format', format, name)).trim();
  const digestIn = (output: string): string | undefined => /digest: (sha256:[0-9a-f]{64})/i.exec(output)?.[1];
  const tagAs = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await engine.docker('tag', local, name);
  };

  it('acceptance 6: pushes my.repo/app_x/y-z:1.0, removes it, and pulls the identical image', async () => {
    const name = `${server.host}/my.repo/app_x/y-z:1.0`;
    await tagAs(name);
    const id = await inspect(name, '{{.Id}}');
    const pushed = digestIn(await engine.docker('push', name));
    await engine.docker('rmi', '--force', id);
    expect((await engine.tryDocker('image', 'inspect', name)).code).not.toBe(0);

    expect(digestIn(await engine.docker('pull', name))).toBe(pushed);
    expect(await inspect(name, '{{.Id}}')).toBe(id);
    expect(await inspect(name, '{{join .RepoDigests " "}}')).toBe(`${server.host}/my.repo/app_x/y-z@${pushed}`);
  });

  it('pulls by digest', async () => {
    const name = `${server.host}/by-digest`;
    await tagAs(`${name}:1`);
    const id = await inspect(local, '{{.Id}}');
    const digest = digestIn(await engine.docker('push', `${name}:1`));
    await engine.docker('rmi', '--force', id);
    await engine.docker('pull', `${name}@${digest}`);
    expect(await inspect(`${name}@${digest}`, '{{.Id}}')).toBe(id);
  });

  it('pushes all tags of a repository at once', async () => {
    const name = `${server.host}/team/many`;
    await tagAs(`${name}:1`, `${name}:1.0`, `${name}:latest`);
    await engine.docker('push', '--all-tags', name);
    const response = await fetch(`${server.url}/v2/team/many/tags/list`);
    expect(await response.json()).toEqual({ name: 'team/many', tags: ['1', '1.0', 'latest'] });
  });

  it('moves a tag to a new image', async () => {
    const name = `${server.host}/moving:latest`;
    const archive = join(folder.path, 'newer.tar');
    await tagAs(name);
    const older = digestIn(await engine.docker('push', name));
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'newer' }]), name);
    await engine.docker('load', '--input', archive);
    const newer = digestIn(await engine.docker('push', name));
    expect(newer).not.toBe(older);
    await engine.docker('rmi', name);
    expect(digestIn(await engine.docker('pull', name))).toBe(newer);
    expect(digestIn(await engine.docker('pull', `${server.host}/moving@${older}`))).toBe(older);
  });

  it('mounts the layers of an image that it pushed to another repository', async () => {
    const [first, second] = [`${server.host}/mount/source:1`, `${server.host}/mount/target:1`];
    await tagAs(first, second);
    const pushed = digestIn(await engine.docker('push', first));
    const output = await engine.docker('push', second);
    expect(output).toContain('Mounted from mount/source');
    expect(digestIn(output)).toBe(pushed);
  });

  it('sends no layer that is there', async () => {
    const name = `${server.host}/twice:1`;
    await tagAs(name);
    await engine.docker('push', name);
    expect((await engine.docker('push', name)).match(/Layer already exists/g)).toHaveLength(2);
  });

  it('is told that a deleted image is not there', async () => {
    const name = `${server.host}/deleted`;
    await tagAs(`${name}:1`, `${name}:2`);
    const digest = digestIn(await engine.docker('push', `${name}:1`));
    await engine.docker('push', `${name}:2`);
    const deleted = await fetch(`${server.url}/v2/deleted/manifests/${digest}`, { method: 'DELETE' });
    expect(deleted.status).toBe(202);
    const { code, stderr } = await engine.tryDocker('pull', `${name}:2`);
    expect(code).not.toBe(0);
    expect(stderr).toContain('manifest unknown');
  });
});
