import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { until } from './child.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeRealImage, writeDockerArchive } from './real-image.ts';
import { run, tryRun } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const CHANGE_MS = 20_000;

describeClients(['openssl', 'crane', 'curl', 'skopeo'], 'TLS', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  const path = (name: string): string => join(folder.path, name);

  /** A new self-signed certificate for localhost, as `<name>.crt` and `<name>.key`. */
  async function makePair(name: string): Promise<void> {
    await run(programOf('openssl'), [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)],
    ]);
  }
  async function install(name: string): Promise<void> {
    await copyFile(path(`${name}.key`), path('served.key'));
    await copyFile(path(`${name}.crt`), path('served.crt'));
  }
  /** The name in the certificate that a new connection is shown. */
  const shownName = (): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: server.port, host: 'localhost', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subject.CN as string | undefined);
        socket.destroy();
      });
      socket.once('error', reject);
    });

  beforeAll(async () => {
    folder = await openTempFolder('octoserve-tls');
    for (const name of ['first', 'second', 'third']) await makePair(name);
    await install('first');
    server = await startServer({ 'server.tls.cert': path('served.crt'), 'server.tls.key': path('served.key') });
    await writeDockerArchive(path('image.tar'), await makeRealImage([{ hello: 'tls' }]), 'local/app:1');
  });
  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  it('serves crane and skopeo that trust the certificate, and no one who does not', async () => {
    const crane = programOf('crane');
    const name = `${server.host}/tls/app:1`;
    await run(crane, ['push', path('image.tar'), name], { env: { SSL_CERT_FILE: path('first.crt') } });
    const { code, stderr } = await tryRun(programOf('curl'), ['--silent', '--show-error', `${server.url}/v2/`]);
    expect([code, stderr]).toEqual([60, expect.stringContaining('self-signed certificate')]);

    const trusted = path('trusted');
    await mkdir(trusted);
    await copyFile(path('first.crt'), join(trusted, 'ca.crt'));
    const inspect = ['--insecure-policy', 'inspect', '--cert-dir', trusted, `docker://${name}`];
    expect(JSON.parse(await run(programOf('skopeo'), inspect))).toMatchObject({ RepoTags: ['1'] });
  });

  it('shows a new certificate once the files changed, and keeps it when they turn bad', async () => {
    const curl = (ca: string): Promise<string> =>
      run(programOf('curl'), ['--silent', '--show-error', '--cacert', path(`${ca}.crt`), `${server.url}/v2/`]);
    expect(await curl('first')).toContain('OCI Registry API');
    await install('second');
    await until('the second certificate is shown', CHANGE_MS, async () => (await shownName()) === 'second');
    expect(await curl('second')).toContain('OCI Registry API');

    const before = server.output().length;
    await writeFile(path('served.crt'), 'not a certificate');
    await until('the server says so', CHANGE_MS, () => server.output().includes('not reloaded', before));
    expect(await shownName()).toBe('second');

    await install('third');
    await until('the third certificate is shown', CHANGE_MS, async () => (await shownName()) === 'third');
    expect(await curl('third')).toContain('OCI Registry API');
  });
});
