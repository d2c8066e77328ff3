import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { openOidcServer, type OidcServer } from '../oidc/provider.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { writeFiles } from './real-image.ts';
import { run, tryRun, type Ran } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['oras', 'crane'], 'a pipeline without a stored secret', () => {
  let server: ServerProcess;
  let ci: OidcServer;
  let folder: TempFolder;
  beforeAll(async () => {
    ci = await openOidcServer({ redirectUris: ['http://localhost/'] });
    folder = await openTempFolder();
    server = await startServer({
      'auth.mode': 'token',
      'outbound.allow_networks': '127.0.0.1',
      'auth.workload.app.issuer': ci.issuer,
      'auth.workload.app.audience': 'the-registry',
      'auth.workload.app.claims': 'repository=acme/app',
      'auth.workload.app.repositories': 'acme/**',
    });
    await writeFiles(folder.path, { 'tool.txt': 'a tool\n' });
  });
  afterAll(async () => {
    await server.close();
    await Promise.all([ci.close(), folder.remove()]);
  });

  /** What a job does first: its own token, for one of ours. */
  async function exchange(): Promise<string> {
    const nowS = Math.floor(Date.now() / 1000);
    const theirs = await ci.sign({
      sub: 'repo:acme/app:ref:refs/heads/main',
      aud: 'the-registry',
      repository: 'acme/app',
      iat: nowS,
      exp: nowS + 300,
      jti: `job ${nowS} ${Math.random()}`,
    });
    const answer = await fetch(`${server.url}/auth/exchange`, {
      method: 'POST',
      headers: { authorization: `Bearer ${theirs}` },
    });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { token: string }).token;
  }
  const oras = (...args: readonly string[]): Promise<Ran> =>
    tryRun(programOf('oras'), [...args, '--registry-config', join(folder.path, 'oras.json')], { cwd: folder.path });
  const push = (name: string): Promise<Ran> => oras('push', '--plain-http', `${server.host}/${name}`, 'tool.txt');

  it('logs in with the token, pushes where its rule says and nowhere else, and is out again', async () => {
    expect((await push('acme/app:1')).code).not.toBe(0);
    const login = ['login', '--plain-http', server.host, '--username', 'workload', '--password', await exchange()];
    expect(await oras(...login)).toMatchObject({ code: 0 });
    expect(await push('acme/app:1')).toMatchObject({ code: 0 });
    expect(await push('acme/app:1')).toMatchObject({ code: 0 });
    expect((await push('other/app:1')).code).not.toBe(0);
    expect((await oras('logout', server.host)).code).toBe(0);
    expect((await push('acme/app:1')).code).not.toBe(0);
  });

  it('pulls with another client', async () => {
    const env = { DOCKER_CONFIG: folder.path };
    const token = await exchange();
    const crane = (...args: readonly string[]): Promise<string> =>
      run(programOf('crane'), [...args, '--insecure'], { cwd: folder.path, env });
    await crane('auth', 'login', server.host, '-u', 'workload', '-p', token);
    expect(await crane('ls', `${server.host}/acme/app`)).toBe('1\n');
  });
});
