import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RawConnection } from '../../http/raw-client.suite.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { runFoundryServer, startFoundry, type FoundryProcess } from './foundry-process.ts';
import { createLargeBlob } from './large-blob.ts';
import { forgetPeak, peakRssBytes, rssBytes } from './proc.ts';
import { run, tryRun } from './run.ts';

// The cases of foundry contract, section 10, that need a process of its own, or real clients.

const MIB = 1024 * 1024;
const HELLO_HASH = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const GIBIBYTE_MS = 240_000;

async function sha256Of(path: string): Promise<string> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(path)) sum.update(chunk as Buffer);
  return sum.digest('hex');
}

describeClients(['curl', 'oras'], 'registry-server', () => {
  let server: FoundryProcess;
  let folder: TempFolder;
  beforeAll(async () => {
    [server, folder] = await Promise.all([startFoundry(), openTempFolder('foundry-clients')]);
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  const path = (name: string): string => join(folder.path, name);
  const curl = (...args: readonly string[]): Promise<string> =>
    run(programOf('curl'), ['--silent', '--show-error', '--header', 'Authorization: Bearer t1', ...args]);
  const artifact = (name: string, version: string): string => `${server.url}/api/v1/artifacts/${name}/${version}`;
  const oras = (command: readonly string[], ...args: readonly string[]): Promise<string> =>
    run(programOf('oras'), [...command, '--plain-http', '--username', 'x', '--password', 't1', ...args], {
      cwd: folder.path,
    });
  const put = (name: string, version: string, body: string): Promise<string> =>
    curl('--fail-with-body', '--request', 'POST', '--data-binary', body, artifact(name, version));

  it('case 24: oras pulls what was uploaded, and sees what it is', async () => {
    await put('tool', '2.1.0', 'hello');
    await oras(['pull'], `${server.host}/foundry/tool:2.1.0`, '--output', 'pulled');
    expect(await readFile(path('pulled/tool-2.1.0'), 'utf8')).toBe('hello');
    const manifest = JSON.parse(await oras(['manifest', 'fetch'], `${server.host}/foundry/tool:2.1.0`)) as object;
    expect(manifest).toMatchObject({ artifactType: 'application/vnd.foundry.artifact.v1' });
  });

  it('cases 25 and 26: what oras pushes is a version, which stays what it is', async () => {
    await writeFile(path('f.bin'), 'hello');
    await oras(['push'], `${server.host}/foundry/fromoci:3.0`, 'f.bin:application/octet-stream');
    const told = JSON.parse(await curl(`${server.url}/api/v1/packages/fromoci`)) as { readonly versions: object[] };
    expect(told.versions).toMatchObject([{ version: '3.0', hash: HELLO_HASH, size: 5 }]);
    expect(await curl(artifact('fromoci', '3.0'))).toBe('hello');
    await writeFile(path('f.bin'), 'other');
    const again = ['push', '--plain-http', '--username', 'x', '--password', 't1'];
    const refused = await tryRun(
      programOf('oras'),
      [...again, `${server.host}/foundry/fromoci:3.0`, 'f.bin:application/octet-stream'],
      { cwd: folder.path },
    );
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('immutable');
    expect(await curl(artifact('fromoci', '3.0'))).toBe('hello');
  });

  it('case 27: registry-cli pushes and pulls, as a process', async () => {
    await writeFile(join(server.folder, 'file'), 'hello');
    expect(await server.cli('push', 'cli', '1', 'file')).toContain(`Hash:     ${HELLO_HASH}`);
    expect(await server.cli('pull', 'cli', '1', '--output', 'd/x.bin')).toContain('Pulled cli@1 -> d/x.bin');
    expect(await readFile(join(server.folder, 'd/x.bin'), 'utf8')).toBe('hello');
    expect(await server.cli('list')).toContain('  - cli\n');
  });

  it(
    'case 18: curl sends a gibibyte and gets it back, and the server takes no more memory for it',
    async () => {
      const blob = createLargeBlob(1024);
      await pipeline(blob.read(), createWriteStream(path('large')));
      await put('warm', '1', 'hello');
      const { pid } = server.child;
      const before = rssBytes(pid);
      forgetPeak(pid);
      const kept = JSON.parse(await curl('--fail-with-body', '--upload-file', path('large'), artifact('large', '1')));
      expect(kept).toMatchObject({ hash: blob.digest.slice('sha256:'.length), size: blob.sizeBytes });
      await curl('--fail-with-body', '--output', path('back'), artifact('large', '1'));
      expect(`sha256:${await sha256Of(path('back'))}`).toBe(blob.digest);
      const peak = peakRssBytes(pid);
      expect(peak / MIB).toBeLessThan(256);
      expect((peak - before) / MIB).toBeLessThan(64);
    },
    GIBIBYTE_MS,
  );

  it('case 29: a server that cannot start says why, and ends with 1', async () => {
    await writeFile(path('none.yaml'), 'server: { port: 1 }\n');
    const ran = await runFoundryServer(['-config', 'none.yaml'], folder.path);
    expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([
      1,
      { level: 'fatal', message: 'failed to load config', error: 'no auth tokens configured' },
    ]);
    expect((await runFoundryServer(['-config', 'missing.yaml'], folder.path)).code).toBe(1);
    const taken = join(server.folder, 'config.yaml');
    const second = await runFoundryServer(['-config', taken], folder.path);
    expect([second.code, second.stdout]).toEqual([1, expect.stringContaining('"message":"server error"')]);
  });
});

describeClients([], 'registry-server that is told to stop', () => {
  let server: FoundryProcess;
  beforeAll(async () => {
    server = await startFoundry();
  });
  afterAll(() => server.close());

  it('case 20: ends a slow download whole, takes no more connections, and ends with 0', async () => {
    const blob = createLargeBlob(64);
    const url = `${server.url}/api/v1/artifacts/slow/1`;
    const headers = { authorization: 'Bearer t1' };
    const sent = request(url, { method: 'POST', headers: { ...headers, 'content-length': blob.sizeBytes } });
    const answered = new Promise<IncomingMessage>((resolve) => void sent.once('response', resolve));
    await pipeline(blob.read(), sent);
    (await answered).resume();
    const download = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { headers, agent: false }, resolve).once('error', reject).end();
    });
    const ended = server.child.end('SIGTERM', 60_000);
    const refused = async (): Promise<boolean> =>
      RawConnection.open(Number(new URL(url).port)).then(
        (connection) => (connection.close(), false),
        () => true,
      );
    while (!(await refused())) await new Promise(setImmediate);
    const sum = createHash('sha256');
    for await (const chunk of download) sum.update(chunk as Buffer);
    expect(`sha256:${sum.digest('hex')}`).toBe(blob.digest);
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(server.child.output()).toContain('"message":"shutting down server"');
  }, 120_000);
});
