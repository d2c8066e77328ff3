import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['openssl', 'curl'], 'client certificates', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  const path = (name: string): string => join(folder.path, name);
  const openssl = (...args: readonly string[]): Promise<string> => run(programOf('openssl'), args);
  const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  /** Signs itself. */
  const makeAuthority = (name: string, subject = '/CN=authority'): Promise<string> =>
    openssl(
      'req',
      '-x509',
      ...KEY,
      '-days',
      '2',
      '-subj',
      subject,
      '-keyout',
      path(`${name}.key`),
      '-out',
      path(`${name}.crt`),
    );

  /** A certificate for that address, which `authority` signs. */
  async function makeClient(name: string, email: string, authority: string): Promise<void> {
    await openssl('req', ...KEY, '-subj', `/CN=${name}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.csr`));
    await writeFile(path('names'), `subjectAltName=email:${email}\n`);
    await openssl(
      ...[
        'x509',
        '-req',
        '-in',
        path(`${name}.csr`),
        '-CA',
        path(`${authority}.crt`),
        '-CAkey',
        path(`${authority}.key`),
      ],
      ...['-CAcreateserial', '-days', '2', '-extfile', path('names'), '-out', path(`${name}.crt`)],
    );
  }

  beforeAll(async () => {
    folder = await openTempFolder('octoserve-mtls');
    await makeAuthority('server', '/CN=localhost');
    for (const name of ['ours', 'theirs']) await makeAuthority(name);
    await makeClient('ada', 'ada@example.com', 'ours');
    await makeClient('bob', 'bob@example.com', 'ours');
    await makeClient('forged', 'ada@example.com', 'theirs');
    // bcrypt of a password that nobody needs here
    const hash = '$2b$10$E6WUuA4HVPJvHKX8mhYU8ujNd1N7D5RcHFuabu1lf07HHxZScAL0S';
    await writeFile(
      path('users.yaml'),
      `users:\n  - { username: ada, password: ${JSON.stringify(hash)}, roles: [writer] }\n`,
    );
    server = await startServer({
      'auth.mode': 'basic',
      'auth.users_file': path('users.yaml'),
      'auth.certificates': 'email:ada@example.com=ada',
      'server.tls.cert': path('server.crt'),
      'server.tls.key': path('server.key'),
      'server.tls.client_ca': path('ours.crt'),
    });
  });
  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  const status = (client: string | undefined, ...args: readonly string[]): Promise<string> =>
    run(programOf('curl'), [
      ...['--silent', '--insecure', '--output', '/dev/null', '--write-out', '%{http_code}'],
      ...(client === undefined ? [] : ['--cert', path(`${client}.crt`), '--key', path(`${client}.key`)]),
      ...args,
    ]);

  it('let in whom a rule names, and nobody else', async () => {
    const base = `${server.url}/v2/`;
    const statuses = [undefined, 'ada', 'bob', 'forged'].map((client) => status(client, base));
    expect(await Promise.all(statuses)).toEqual(['401', '200', '401', '401']);
    expect(await status('ada', '--request', 'POST', `${base}team/app/blobs/uploads/`)).toBe('202');
  });

  it('leave passwords as they are', async () => {
    expect(await status('ada', '--user', 'ada:wrong', `${server.url}/v2/`)).toBe('401');
    expect(await status('bob', `${server.url}/livez`)).toBe('200');
  });

  it('do nothing for pages of other sites', async () => {
    const upload = ['--request', 'POST', `${server.url}/v2/team/app/blobs/uploads/`];
    expect(await status('ada', '--header', 'Origin: https://evil.example', ...upload)).toBe('403');
  });
});
