import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { until } from './child.ts';
import { describeClients } from './describe-clients.suite.ts';
import { startDockerDaemon, type DockerDaemon } from './docker-daemon.ts';
import { MODES, octoserve, PASSWORD, startLoginServer } from './login-server.ts';
import { makeRealImage, writeDockerArchive, writeFiles } from './real-image.ts';
import type { Ran } from './run.ts';
import type { ServerProcess } from './server-process.ts';

const LOCAL = 'local/login:1';

describeClients(['docker'], 'docker login', () => {
  let engine: DockerDaemon;
  let folder: TempFolder;
  beforeAll(async () => {
    [engine, folder] = await Promise.all([startDockerDaemon(), openTempFolder()]);
    const archive = join(folder.path, 'image.tar');
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'login' }, { more: 'login' }]), LOCAL);
    await engine.docker('load', '--input', archive);
  });
  afterAll(async () => {
    await Promise.all([engine.close(), folder.remove()]);
  });

  describe.each(MODES)('with auth.mode %s', (mode) => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await startLoginServer(mode);
    });
    afterAll(() => server.close());
    beforeEach(async () => {
      await engine.tryDocker('logout', server.host);
    });

    const login = (user: string, password = PASSWORD): Promise<Ran> =>
      engine.tryDocker('login', '--username', user, '--password', password, server.host);
    const push = async (name: string): Promise<Ran> => {
      await engine.docker('tag', LOCAL, `${server.host}/${name}`);
      return engine.tryDocker('push', `${server.host}/${name}`);
    };
    const pull = (name: string): Promise<Ran> => engine.tryDocker('pull', `${server.host}/${name}`);

    it('lets in who has the password, to push and pull, until the logout', async () => {
      expect((await login('alice', 'wrong')).code).not.toBe(0);
      expect((await push('team/app:1')).code).not.toBe(0);
      expect(await login('alice')).toMatchObject({ code: 0 });
      expect(await push('team/app:1')).toMatchObject({ code: 0 });
      expect(await pull('team/app:1')).toMatchObject({ code: 0 });
      expect((await push('other/app:1')).stderr).toMatch(/denied|unauthorized|authentication required/);
      await engine.docker('logout', server.host);
      expect((await pull('team/app:1')).code).not.toBe(0);
    });

    it('lets a reader pull and not push', async () => {
      await login('alice');
      expect(await push('team/read:1')).toMatchObject({ code: 0 });
      await login('carol');
      expect(await pull('team/read:1')).toMatchObject({ code: 0 });
      expect((await push('team/read:2')).code).not.toBe(0);
    });

    it('hides what somebody may not know of like what is not there', async () => {
      await login('alice');
      await push('team/hidden:1');
      await login('bob');
      const [hidden, absent] = [await pull('team/hidden:1'), await pull('team/absent:1')];
      expect(hidden.stderr.replaceAll('hidden', 'absent')).toBe(absent.stderr);
    });

    it('takes a key as the password of anybody', async () => {
      const args = ['--repositories', 'team/**', '--actions', 'pull,push,create'];
      const key = await octoserve(server, ['key', 'create', `ci-${mode}`, ...args]);
      expect(await login('robot', key)).toMatchObject({ code: 0 });
      expect(await push('team/by-key:1')).toMatchObject({ code: 0 });
      await octoserve(server, ['key', 'revoke', `ci-${mode}`]);
      // A process may not know of it for some seconds.
      await until('the key is refused', 20_000, async () => (await push('team/by-key:2')).code !== 0);
    });
  });

  it('lets anybody pull what anybody may, beside who is logged in', async () => {
    const server = await startLoginServer('token');
    try {
      const name = `${server.host}/public/app:1`;
      await engine.docker('tag', LOCAL, name);
      await engine.docker('login', '--username', 'alice', '--password', PASSWORD, server.host);
      await engine.docker('push', name);
      await engine.docker('logout', server.host);
      expect(await engine.tryDocker('pull', name)).toMatchObject({ code: 0 });
      expect((await engine.tryDocker('push', name)).code).not.toBe(0);
    } finally {
      await server.close();
    }
  });

  it('keeps no password with a credential helper, where it can have a token', async () => {
    const server = await startLoginServer('token');
    const store = join(folder.path, 'kept.json');
    const helper = join(folder.path, 'docker-credential-kept');
    // The protocol of docker's credential helpers: a word on the command line, JSON on both ends.
    const script = `#!/bin/sh
case "$1" in
  store) cat > '${store}' ;;
  get) cat > /dev/null; cat '${store}' ;;
  erase) cat > /dev/null; rm -f '${store}' ;;
  list) echo '{}' ;;
esac
`;
    try {
      await writeFile(helper, script);
      await chmod(helper, 0o755);
      const client = join(folder.path, 'client');
      const env = { DOCKER_CONFIG: client, PATH: `${folder.path}:${process.env['PATH']}` };
      await writeFiles(client, { 'config.json': JSON.stringify({ credsStore: 'kept' }) });
      const docker = (...args: readonly string[]): Promise<Ran> => engine.tryDockerAs(env, ...args);
      const login = ['login', '--username', 'alice', '--password', PASSWORD, server.host];
      expect(await docker(...login)).toMatchObject({ code: 0 });
      const kept = JSON.parse(await readFile(store, 'utf8')) as { Username: string; Secret: string };
      expect(kept.Username).toBe('<token>');
      expect(kept.Secret).toMatch(/^octr_/);
      await engine.docker('tag', LOCAL, `${server.host}/team/helped:1`);
      expect(await docker('push', `${server.host}/team/helped:1`)).toMatchObject({ code: 0 });
      expect(await docker('logout', server.host)).toMatchObject({ code: 0 });
      expect((await docker('push', `${server.host}/team/helped:1`)).code).not.toBe(0);
    } finally {
      await server.close();
    }
  });
});
