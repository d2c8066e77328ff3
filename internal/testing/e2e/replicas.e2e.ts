import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../../pkg/oci/index.ts';
import { MIGRATIONS } from '../../catalog/migrations/list.ts';
import { createSamples, toSample } from '../images.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { startDockerDaemon, type DockerDaemon } from './docker-daemon.ts';
import { pullEverything } from './pull-everything.ts';
import { makeRealImage, writeDockerArchive, writeFiles } from './real-image.ts';
import { startReplicas, type Replicas } from './replicas.ts';
import type { Passed } from './round-robin.ts';
import { run } from './run.ts';
import { runCommand } from './server-process.ts';

const MIB = 1024 * 1024;
const SESSION = /^\/v2\/.*\/blobs\/uploads\/[^/]+$/;

describeClients(['docker', 'oras', 'crane', 'versitygw'], 'three replicas on PostgreSQL and a bucket', () => {
  let replicas: Replicas;
  let engine: DockerDaemon;
  let folder: TempFolder;
  /** Of more than one part, so that S3 is given several. */
  const large = randomBytes(12 * MIB);

  beforeAll(async () => {
    folder = await openTempFolder();
    replicas = await startReplicas(3);
    engine = await startDockerDaemon();
  });
  afterAll(async () => {
    await Promise.all([replicas?.close(), engine?.close(), folder.remove()]);
  });

  const at = (name: string): string => `${replicas.proxy.host}/${name}`;
  const path = (name: string): string => join(folder.path, name);
  const digestIn = (output: string): string | undefined => /sha256:[0-9a-f]{64}/.exec(output)?.[0];

  /** The upload sessions of a repository, each as the requests that replicas answered in it. */
  function sessionsOf(repository: string): readonly (readonly Passed[])[] {
    const requests = replicas.proxy.passed.filter((passed) => SESSION.test(passed.path));
    const mine = requests.filter((passed) => passed.path.startsWith(`/v2/${repository}/`));
    return Object.values(Object.groupBy(mine, (passed) => passed.path)) as Passed[][];
  }
  /** The methods of an upload, and by how many replicas they were answered. */
  const shapeOf = (session: readonly Passed[]): string =>
    `${session.map(({ method }) => method).join(' ')} by ${new Set(session.map(({ port }) => port)).size}`;
  const shapesOf = (repository: string): readonly string[] => sessionsOf(repository).map(shapeOf);

  it('make their tables once, though they start on an empty database at one moment', async () => {
    const applied = await replicas.ask('select name from migrations order by name');
    expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(await replicas.ask('select distinct xmin::text from migrations')).toHaveLength(1);
    expect(replicas.servers.map((server) => server.output()).join('')).not.toContain('"level":"ERROR"');
  });

  it('take an image from docker, each upload through two of them, and give it back', async () => {
    const [name, archive] = [at('replicas/docker:1'), path('docker.tar')];
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'docker' }, { large }]), name);
    await engine.docker('load', '--input', archive);
    const pushed = digestIn(await engine.docker('push', name));
    expect(shapesOf('replicas/docker')).toEqual(Array(3).fill('PATCH PUT by 2'));
    await engine.docker('rmi', name);
    expect(digestIn(await engine.docker('pull', name))).toBe(pushed);
  });

  it('take an image from crane, each upload through two of them, and it validates', async () => {
    const [name, archive] = [at('replicas/crane:1'), path('crane.tar')];
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'crane' }, { large: large.subarray(7) }]), name);
    const crane = (...args: readonly string[]): Promise<string> => run(programOf('crane'), args);
    await crane('push', archive, name);
    expect(shapesOf('replicas/crane')).toEqual(Array(3).fill('PATCH PUT by 2'));
    expect(await crane('validate', '--remote', name)).toContain('PASS');
    await crane('copy', name, at('replicas/copied:2'));
    expect(await crane('digest', at('replicas/copied:2'))).toBe(await crane('digest', name));
  });

  it('take a tool from oras with what is attached to it, and give both back', async () => {
    const tool = large.subarray(11);
    await writeFiles(folder.path, { 'tool.bin': tool, 'sbom.json': '{}' });
    const oras = (command: string, ...args: readonly string[]): Promise<string> =>
      run(programOf('oras'), [command, '--plain-http', at('replicas/oras:1'), ...args], { cwd: folder.path });
    await oras('push', '--artifact-type', 'application/vnd.example.tool', 'tool.bin');
    await oras('attach', '--artifact-type', 'application/vnd.example.sbom', 'sbom.json:application/json');
    await oras('pull', '--output', 'installed');
    expect((await readFile(path('installed/tool.bin'))).equals(tool)).toBe(true);
    for (let count = 0; count < 3; count += 1) {
      expect(JSON.parse(await oras('discover', '--format', 'json')).manifests).toHaveLength(1);
    }
  });

  it('take the chunks of one upload in turn, small and large', async () => {
    const blob = toSample(large);
    const url = (location: string): string => new URL(location, replicas.proxy.url).href;
    const started = await fetch(url('/v2/replicas/chunks/blobs/uploads/'), { method: 'POST' });
    const session = url(started.headers.get('location') as string);
    let start = 0;
    for (const end of [3, 9 * MIB, 9 * MIB + 7, 11 * MIB]) {
      const body = blob.bytes.subarray(start, end) as Buffer<ArrayBuffer>;
      const headers = { 'content-range': `${start}-${end - 1}` };
      expect((await fetch(session, { method: 'PATCH', headers, body })).status).toBe(202);
      expect((await fetch(session)).headers.get('range')).toBe(`0-${end - 1}`);
      start = end;
    }
    const rest = blob.bytes.subarray(start) as Buffer<ArrayBuffer>;
    expect((await fetch(`${session}?digest=${blob.digest}`, { method: 'PUT', body: rest })).status).toBe(201);
    expect(shapesOf('replicas/chunks')).toEqual(['PATCH GET PATCH GET PATCH GET PATCH GET PUT by 3']);
    for (const { url: replica } of replicas.servers) {
      const answer = await fetch(`${replica}/v2/replicas/chunks/blobs/${blob.digest}`);
      expect(digestOf(Buffer.from(await answer.arrayBuffer()))).toBe(blob.digest);
    }
  });

  it('agree at once on what was pushed, moved and deleted', async () => {
    const samples = createSamples('replicas');
    const [older, newer] = [samples.image(), samples.image()];
    const tags = async (): Promise<unknown[]> =>
      Promise.all(
        replicas.servers.map(async ({ url }) => {
          const answer = await fetch(`${url}/v2/replicas/agree/manifests/1`);
          return answer.ok ? digestOf(Buffer.from(await answer.arrayBuffer())) : answer.status;
        }),
      );
    for (const image of [older, newer]) {
      await createPusher(replicas.proxy.url).image('replicas/agree', image, '1');
      expect(await tags()).toEqual(Array(3).fill(image.manifest.digest));
    }
    const deleted = await fetch(`${replicas.proxy.url}/v2/replicas/agree/manifests/1`, { method: 'DELETE' });
    expect(deleted.status).toBe(202);
    expect(await tags()).toEqual([404, 404, 404]);
  });

  it('each give everything, whole, and catalog and bucket agree', async () => {
    const pulled = await Promise.all(replicas.servers.map(({ url }) => pullEverything(url)));
    expect(pulled[0]?.tags).toHaveLength(4);
    expect(pulled).toEqual(Array(3).fill(pulled[0]));
    const { code, stdout, stderr } = await runCommand(['verify', '--content'], replicas.settings);
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is wrong') });
    expect(replicas.proxy.passed.filter(({ status = 0 }) => status >= 500)).toEqual([]);
  });
});
