import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HELLO_HASH, useFoundry } from '../../internal/facades/foundry/fixtures.suite.ts';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createRegistryCli } from './registry-cli.ts';

describe('registry-cli', () => {
  const { server, ask, put } = useFoundry();
  let home: TempFolder;
  const proxies: Server[] = [];
  beforeEach(async () => {
    home = await openTempFolder('registry-cli');
    await writeFile(join(home.path, 'hello'), 'hello');
  });
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) proxy.close();
    await home.remove();
  });

  interface Said {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }

  /** As typed, on a terminal where that is asked for; the server and token come from the environment. */
  async function run(argv: readonly string[], env: Record<string, string> = {}, isTTY = false): Promise<Said> {
    const said = { stdout: '', stderr: '' };
    const code = await createRegistryCli().run(argv, {
      stdout: { write: (text) => (said.stdout += text), isTTY },
      stderr: { write: (text) => (said.stderr += text), isTTY },
      env: { FOUNDRY_SERVER: `${server.url}/`, FOUNDRY_TOKEN: 't1', NO_COLOR: '1', ...env },
      cwd: home.path,
    });
    return { code, ...said };
  }

  it('case 27: pushes, lists, searches, pulls and deletes with the words of the contract', async () => {
    expect((await run(['list'])).stdout).toBe('No packages found.\n');
    const pushed = await run(['push', 'tool', '2.1.0', 'hello']);
    expect([pushed.code, pushed.stderr]).toEqual([0, '']);
    expect(pushed.stdout).toMatch(
      new RegExp(`^Pushed tool@2\\.1\\.0\\n {2}Hash: {5}${HELLO_HASH}\\n {2}Size: {5}5 B\\n {2}Duration: \\S+s\\n$`),
    );
    expect(await run(['list'])).toEqual({ code: 0, stdout: 'Packages:\n  - tool\n', stderr: '' });
    expect((await run(['search', 'TOO'])).stdout).toBe("Search results for 'TOO':\n  - tool\n");
    expect(await run(['search', 'x'])).toEqual({ code: 0, stdout: "No packages matching 'x'.\n", stderr: '' });
    const pulled = await run(['pull', 'tool', '2.1.0', '--output', 'd/x.bin']);
    expect([pulled.code, pulled.stdout.split('\n').slice(0, 3)]).toEqual([
      0,
      ['Pulled tool@2.1.0 -> d/x.bin', `  Hash:     ${HELLO_HASH}`, '  Size:     5 B'],
    ]);
    expect(await readFile(join(home.path, 'd/x.bin'), 'utf8')).toBe('hello');
    expect((await run(['delete', 'tool', '2.1.0'])).stdout).toBe('Deleted tool@2.1.0\n');
    expect((await run(['gc'])).stdout).toMatch(/^Deleted \d+ blobs, freed \d+ B\n$/);
  });

  it('case 27: tells what went wrong, and ends with 1', async () => {
    const token = { FOUNDRY_TOKEN: '' };
    expect(await run(['pull', 'tool', '9'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error (404): artifact tool@9 not found\n',
    });
    expect(await run(['list'], token)).toEqual({ code: 1, stdout: '', stderr: 'error: --token is required\n' });
    expect(await run(['push', 'tool'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'usage: registry push <package> <version> <file> [--server URL] [--token TOKEN]\n',
    });
    expect((await run(['list', '--token', 'nope'])).stderr).toBe('error (401): invalid token\n');
    expect((await run(['list', '--server', 'http://127.0.0.1:1'])).stderr).toMatch(/^error: .*ECONNREFUSED/);
    const unknown = await run(['list', '--speed', '9']);
    expect([unknown.code, unknown.stderr.split('\n')[0]]).toEqual([1, "error: unknown option '--speed'"]);
  });

  it('case 27: prints its usage, with 1 where no command was meant', async () => {
    const help = await run(['help']);
    expect(help).toEqual({ code: 0, stdout: expect.stringContaining('Usage: registry'), stderr: '' });
    expect(await run(['--help'])).toEqual(help);
    expect(await run([])).toEqual({ ...help, code: 1 });
    expect(await run(['jump'])).toEqual({ ...help, code: 1, stderr: 'unknown command: jump\n' });
  });

  /** What the server says, with one byte of each body another. */
  async function lyingProxy(): Promise<string> {
    const proxy = createServer((req, res) => {
      const { method, headers, url } = req;
      const asked = request(new URL(url ?? '/', server.url), { method, headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.once('data', (chunk: Buffer) => chunk.writeUInt8(chunk.readUInt8(0) ^ 1, 0));
        answer.pipe(res);
      });
      asked.end();
    });
    proxies.push(proxy);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }

  it('case 28: keeps no file whose bytes are not what the server said', async () => {
    await put('/artifacts/tool/1', 'hello');
    const pulled = await run(['pull', 'tool', '1', '--output', 'out', '--server', await lyingProxy()]);
    expect(pulled).toEqual({ code: 1, stdout: '', stderr: 'error: hash mismatch\n' });
    expect(await readdir(home.path)).toEqual(['hello']);
  });

  it('leaves a file that is there alone where it cannot pull', async () => {
    await run(['pull', 'tool', '9', '--output', 'hello']);
    expect(await readFile(join(home.path, 'hello'), 'utf8')).toBe('hello');
  });

  it('names packages and versions by segments of the path', async () => {
    expect((await run(['push', 'a/b', '1.0.0+x', 'hello'])).code).toBe(0);
    expect((await ask('GET', '/packages/a%2Fb')).body.versions).toMatchObject([{ package: 'a/b', version: '1.0.0+x' }]);
    expect((await run(['pull', 'a/b', '1.0.0+x'])).stdout).toContain('-> a_b-1.0.0+x\n');
    expect(existsSync(join(home.path, 'a_b-1.0.0+x'))).toBe(true);
  });

  it('shows a bar on a terminal, and nowhere else', async () => {
    const shown = await run(['push', 'tool', '1', 'hello'], {}, true);
    expect(shown.stderr).toMatch(/\rUploading: \[={30}\] 100\.0% 5 B\/5 B\n$/);
    expect(shown.stdout).toContain('Pushed tool@1');
    expect((await run(['pull', 'tool', '1'], {}, true)).stderr).toMatch(/\rDownloading: \[={30}\] 100\.0% 5 B\/5 B\n$/);
  });

  it('gives results as JSON where that is asked for', async () => {
    const pushed = JSON.parse((await run(['push', 'tool', '1', 'hello', '--json'])).stdout) as object;
    expect(pushed).toMatchObject({ package: 'tool', version: '1', hash: HELLO_HASH, size: 5 });
    expect(JSON.parse((await run(['list', '--json'])).stdout)).toMatchObject([{ name: 'tool' }]);
    expect(JSON.parse((await run(['pull', 'tool', '1', '--json'])).stdout)).toMatchObject({ path: 'tool-1', size: 5 });
  });

  it('tells an early refusal of a file that is still being sent', async () => {
    await put('/artifacts/tool/1', 'hello');
    await writeFile(join(home.path, 'big'), Buffer.alloc(8 * 1024 * 1024));
    const refused = await run(['push', 'tool', '1', 'big']);
    expect(refused).toEqual({ code: 1, stdout: '', stderr: 'error (409): artifact tool@1 already exists\n' });
  });
});
