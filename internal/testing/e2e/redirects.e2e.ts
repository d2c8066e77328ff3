import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { digestOf } from '../../../pkg/oci/index.ts';
import { createSamples } from '../images.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { describeClients } from './describe-clients.suite.ts';
import { startDockerDaemon, type DockerDaemon } from './docker-daemon.ts';
import { makeRealImage, writeDockerArchive } from './real-image.ts';
import { tryRun } from './run.ts';
import { startServer, type ServerProcess, type Settings } from './server-process.ts';
import { startVersitygw, type S3Service } from './versitygw.ts';

const MIB = 1024 * 1024;

describeClients(['versitygw', 'curl', 'docker'], 'a bucket that clients can reach', () => {
  let service: S3Service;
  let server: ServerProcess;
  let engine: DockerDaemon;
  let folder: TempFolder;
  const samples = createSamples(randomUUID());
  const [large, small] = [samples.blob(2 * MIB), samples.blob(MIB - 1)];

  const settings = (more: Settings): Settings => ({
    'storage.type': 's3',
    'storage.s3.endpoint': service.endpoint,
    'storage.s3.bucket': service.bucket,
    'storage.s3.access_key_id': service.accessKeyId,
    'storage.s3.secret_access_key': service.secretAccessKey,
    ...more,
  });
  beforeAll(async () => {
    folder = await openTempFolder();
    [service, engine] = await Promise.all([startVersitygw(), startDockerDaemon()]);
    server = await startServer(settings({ 'storage.s3.public_endpoint': service.endpoint }));
    for (const blob of [large, small]) await createPusher(server.url).blob('curl/blobs', blob);
  });
  afterAll(async () => {
    await Promise.all([server.close(), engine.close(), folder.remove()]);
    await service.close();
  });

  /** What curl got: the status, where it was led to, and the bytes. */
  async function curl(...args: readonly string[]) {
    const write = '%{stderr}%{http_code} %{num_redirects} %{redirect_url}';
    const { bytes, stderr } = await tryRun('curl', ['--silent', '--write-out', write, ...args]);
    const [status, redirects, url = ''] = stderr.split(' ');
    return { status: Number(status), redirects: Number(redirects), url, bytes };
  }
  const urlOf = ({ digest }: { readonly digest: string }): string => `${server.url}/v2/curl/blobs/blobs/${digest}`;

  it('is where curl reads a large blob, of which HEAD tells directly', async () => {
    const led = await curl(urlOf(large));
    expect([led.status, new URL(led.url).origin]).toEqual([307, service.endpoint]);
    const got = await curl('--location', urlOf(large));
    expect([got.status, got.redirects, digestOf(got.bytes)]).toEqual([200, 1, large.digest]);
    const part = await curl('--location', '--range', '1000-1999', urlOf(large));
    expect([part.status, part.bytes.equals(large.bytes.subarray(1000, 2000))]).toEqual([206, true]);
    expect(await curl('--head', '--output', '/dev/null', urlOf(large))).toMatchObject({ status: 200, redirects: 0 });
  });

  it('is not where curl reads a small one', async () => {
    const got = await curl(urlOf(small));
    expect([got.status, digestOf(got.bytes)]).toEqual([200, small.digest]);
  });

  it('is where docker pulls the layers of an image from', async () => {
    const [local, name] = [`local/${randomUUID()}:latest`, `${server.host}/docker/image:1`];
    const archive = join(folder.path, 'image.tar');
    await writeDockerArchive(archive, await makeRealImage([{ large: randomBytes(2 * MIB).toString('hex') }]), local);
    await engine.docker('load', '--input', archive);
    await engine.docker('tag', local, name);
    const id = (await engine.docker('image', 'inspect', '--format', '{{.Id}}', local)).trim();
    await engine.docker('push', name);
    await engine.docker('rmi', '--force', id);
    await engine.docker('pull', name);
    expect((await engine.docker('image', 'inspect', '--format', '{{.Id}}', name)).trim()).toBe(id);
    const led = server.output().match(/"path":"\/v2\/docker\/image\/blobs\/[^\n]*"status":307/g);
    expect(led).toHaveLength(1);
  });

  it.each<[string, Settings, number]>([
    ['off', {}, 200],
    ['auto', {}, 200],
    ['on', {}, 307],
    ['off', { 'storage.s3.public_endpoint': 'http://public.example' }, 200],
  ])('is led to or not as it is set: %s, %j', async (redirect, more, status) => {
    await server.stop();
    await server.start(settings({ 'storage.s3.redirect': redirect, ...more }));
    const got = await curl(urlOf(large));
    expect(got.status).toBe(status);
    expect((await curl('--location', urlOf(large))).bytes.equals(large.bytes)).toBe(true);
  });
});
