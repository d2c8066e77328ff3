import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createSimulatedCdt, type CdtOptions, type SimulatedCdt } from '../simulated-cdt.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { makePackage } from '../zip.ts';
import { programOf } from './clients.ts';
import { until } from './child.ts';
import { describeClients } from './describe-clients.suite.ts';
import { writeFiles } from './real-image.ts';
import { run, tryRun } from './run.ts';
import { runCommand, startServer, type ServerProcess } from './server-process.ts';

// The cases of COLA's contract, section 13, in which a package is installed or real clients take part. Command Launcher
// itself cannot be had: it is simulated.

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

describeClients(['curl', 'oras'], 'COLA with real clients, and a simulated cdt', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  let elsewhere: Server;
  let count = 0;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder('cola-clients')]);
    await server.stop();
    await server.start({ 'server.public_url': server.url });
    elsewhere = createServer((req, res) => {
      if (req.url === '/far.pkg') res.writeHead(302, { location: '/near.pkg' }).end();
      else res.writeHead(200).end(makePackage('far', '1.0.0'));
    }).listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    elsewhere.close();
    await Promise.all([server.close(), folder.remove()]);
  });

  const api = (path: string): string => `${server.url}/api/v1${path}`;
  const curl = (...args: readonly string[]): Promise<string> =>
    run(programOf('curl'), ['--silent', '--show-error', '--fail-with-body', ...args], { cwd: folder.path });
  const oras = (...args: readonly string[]): Promise<string> => run(programOf('oras'), args, { cwd: folder.path });
  const cdt = (registry: string, more: Partial<CdtOptions> = {}): SimulatedCdt =>
    createSimulatedCdt({ base: api(`/registry/${registry}`), folder: join(folder.path, `cdt-${++count}`), ...more });

  async function makeRegistry(registry: string, ...packages: readonly string[]): Promise<void> {
    await curl('--data', JSON.stringify({ name: registry }), api('/registry'));
    for (const name of packages) await curl('--data', JSON.stringify({ name }), api(`/registry/${registry}/package`));
  }

  async function upload(registry: string, name: string, version: string): Promise<Buffer> {
    const bytes = makePackage(name, version);
    await writeFiles(folder.path, { [`${name}-${version}.pkg`]: bytes });
    const at = api(`/registry/${registry}/package/${name}/version/${version}/content`);
    await curl('--upload-file', `${name}-${version}.pkg`, at);
    return bytes;
  }

  async function push(
    registry: string,
    name: string,
    tag: string,
    version: string,
    ...args: readonly string[]
  ): Promise<Buffer> {
    const file = `${name}-${version}.pkg`;
    const bytes = makePackage(name, version);
    await writeFiles(folder.path, { [file]: bytes });
    await oras(
      'push',
      '--plain-http',
      `${server.host}/cola/${registry}/${name}:${tag}`,
      `${file}:application/zip`,
      ...args,
    );
    return bytes;
  }

  it('cases 44 and 49 (simulated cdt): installs what was uploaded, and oras pulls the same', async () => {
    await makeRegistry('uploads', 'hello');
    const bytes = await upload('uploads', 'hello', '1.0.0');
    const client = cdt('uploads');
    expect(await client.update()).toEqual(['installed hello 1.0.0']);
    expect(await client.run('hello')).toBe('hello from hello 1.0.0\n');
    expect(await client.update()).toEqual([]);
    await oras('pull', '--plain-http', `${server.host}/cola/uploads/hello:1.0.0`, '--output', 'pulled');
    expect(await readFile(join(folder.path, 'pulled/hello-1.0.0.pkg'))).toEqual(bytes);
  });

  it('case 45 (simulated cdt): installs from a URL elsewhere that sends it on', async () => {
    await makeRegistry('links', 'far');
    const { port } = elsewhere.address() as AddressInfo;
    const version = {
      version: '1.0.0',
      checksum: sha256(makePackage('far', '1.0.0')),
      url: `http://127.0.0.1:${port}/far.pkg`,
    };
    await curl('--data', JSON.stringify(version), api('/registry/links/package/far/version'));
    const client = cdt('links');
    expect(await client.update()).toEqual(['installed far 1.0.0']);
    expect(await client.run('far')).toBe('hello from far 1.0.0\n');
  });

  it('case 46 (simulated cdt): upgrades to what oras pushed', async () => {
    await makeRegistry('pushes', 'hello');
    await upload('pushes', 'hello', '1.0.0');
    const client = cdt('pushes');
    await client.update();
    const bytes = await push('pushes', 'hello', '1.1.0', '1.1.0');
    const index = JSON.parse(await curl(api('/registry/pushes/index.json'))) as {
      version: string;
      url: string;
      checksum: string;
    }[];
    const entry = index.find(({ version }) => version === '1.1.0');
    expect(entry?.url).toBe(`http://${server.host}/v2/cola/pushes/hello/blobs/sha256:${sha256(bytes)}`);
    await curl('--location', '--output', 'fetched', entry?.url ?? '');
    expect(sha256(await readFile(join(folder.path, 'fetched')))).toBe(entry?.checksum);
    expect(await client.update()).toEqual(['installed hello 1.1.0']);
    expect(await client.run('hello')).toBe('hello from hello 1.1.0\n');
  });

  it('case 47 (simulated cdt): keeps an experiment from whoever did not ask for one', async () => {
    await push('trials', 'hello', '1.0.0', '1.0.0');
    const notes = ['start', 'end'].flatMap((which) => ['--annotation', `com.cola-registry.${which}-partition=21`]);
    await push('trials', 'hello', '2.0.0', '2.0.0', ...notes);
    expect(await cdt('trials').update()).toEqual(['installed hello 1.0.0']);
    expect(await cdt('trials', { hasExperimental: true }).update()).toEqual(['installed hello 2.0.0']);
  });

  it('case 48 (simulated cdt): installs a build whose plus is an underscore in the tag', async () => {
    await push('builds', 'hello', '1.0.0_b7', '1.0.0+b7');
    expect(await cdt('builds').update()).toEqual(['installed hello 1.0.0+b7']);
  });

  it('case 50: lists a directory that oras packed, which nobody can install', async () => {
    await writeFiles(folder.path, { 'dir/file': 'x' });
    await oras('push', '--plain-http', `${server.host}/cola/dirs/hello:3.0.0`, 'dir/');
    const told = JSON.parse(await curl(api('/registry/dirs/package/hello/version/3.0.0'))) as object;
    expect(told).toMatchObject({ installable: false, warnings: ['it is not a zip'] });
    expect(await cdt('dirs').update()).toEqual([expect.stringContaining('paused')]);
  });

  it('cases 51 and 52: a version stays what it is until it is deleted, which oras sees too', async () => {
    await push('fixed', 'hello', '1.0.0', '1.0.0');
    await writeFiles(folder.path, { other: 'other' });
    const again = await tryRun(
      programOf('oras'),
      ['push', '--plain-http', `${server.host}/cola/fixed/hello:1.0.0`, 'other'],
      { cwd: folder.path },
    );
    expect([again.code === 0, again.stderr.includes('immutable')]).toEqual([false, true]);
    await curl('--request', 'DELETE', api('/registry/fixed/package/hello/version/1.0.0'));
    const pulled = await tryRun(programOf('oras'), ['pull', '--plain-http', `${server.host}/cola/fixed/hello:1.0.0`], {
      cwd: folder.path,
    });
    expect(pulled.code).not.toBe(0);
    const client = cdt('fixed');
    expect(await client.update().catch((failure: Error) => failure.message)).toBe('the index answered 404');
  });

  it('case 53 (simulated cdt): installs by the name of the file where the index gives no URL', async () => {
    await makeRegistry('files', 'hello');
    const bytes = await upload('files', 'hello', '1.0.0');
    await curl('--output', 'by-name', api('/registry/files/hello-1.0.0.pkg'));
    expect(await readFile(join(folder.path, 'by-name'))).toEqual(bytes);
  });

  it('removes from users what is there no more, and nothing while it cannot tell', async () => {
    await makeRegistry('gone', 'hello', 'other');
    await Promise.all([upload('gone', 'hello', '1.0.0'), upload('gone', 'other', '1.0.0')]);
    const client = cdt('gone');
    await client.update();
    await curl('--request', 'DELETE', api('/registry/gone/package/other'));
    expect(await client.update()).toEqual(['removed other']);
    await curl('--request', 'DELETE', api('/registry/gone'));
    await expect(client.update()).rejects.toThrow('404');
    expect(await client.installed()).toEqual({ hello: '1.0.0' });
  });

  it('case 57: answers as before from a catalog that was rebuilt from storage', async () => {
    await makeRegistry('again', 'hello', 'tool-', 'far');
    await upload('again', 'hello', '1.0.0');
    await push('again', 'hello', '1.1.0_b7', '1.1.0+b7');
    const far = { version: '1.0.0', checksum: sha256('x'), url: 'https://dl.example.org/far.pkg', endPartition: 4 };
    await curl('--data', JSON.stringify(far), api('/registry/again/package/far/version'));
    const change = JSON.stringify({ description: 'changed', maintainers: ['m'], custom_values: { k: 'v' } });
    await curl('--request', 'PUT', '--data', change, api('/registry/again/package/hello'));
    const paths = ['', '/index.json', '/package', '/package/hello/version/1.1.0+b7'].map((path) =>
      api(`/registry/again${path}`),
    );
    const answers = async (): Promise<readonly string[]> => Promise.all(paths.map((path) => curl(path)));
    const before = await answers();
    const last = (await oras('resolve', '--plain-http', `${server.host}/cola/again/hello:_package`)).trim();
    const record = join(server.folder, 'manifests/cola!again!hello/_package');
    // Records follow what was acknowledged, in its order, about a second behind.
    await until('the last change is recorded', 20_000, async () =>
      (await readFile(record, 'utf8').catch(() => '')).includes(last),
    );
    const settings = { 'server.public_url': server.url, 'storage.path': server.folder };
    await server.stop();
    for (const name of await readdir(server.folder)) {
      if (name.startsWith('catalog.db')) await rm(join(server.folder, name));
    }
    expect(await runCommand(['rebuild'], settings)).toMatchObject({ code: 0 });
    await server.start();
    expect(await answers()).toEqual(before);
  });

  it('keeps the index as an artifact, which oras pulls as index.json answers it', async () => {
    await push('kept', 'hello', '1.0.0', '1.0.0');
    const pull = async (): Promise<string> => {
      const args = ['pull', '--plain-http', `${server.host}/cola/kept:_index`, '--output', 'kept'];
      const { code } = await tryRun(programOf('oras'), args, { cwd: folder.path });
      return code === 0 ? readFile(join(folder.path, 'kept/index.json'), 'utf8') : '';
    };
    let pulled = '';
    await until('the index is there', 20_000, async () => (pulled = await pull()) !== '');
    expect(pulled).toBe(await curl(api('/registry/kept/index.json')));
  });
});
