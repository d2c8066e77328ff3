import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { until } from './child.ts';
import { runCola, startCola, type ColaServer } from './cola.ts';
import type { Ran } from './run.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const URL = 'https://dl.example.org/rollback-2.4.1.pkg';

describe('cola-regctl, with the server that it is for', () => {
  let server: ColaServer;
  let folder: TempFolder;
  beforeAll(async () => {
    const prepare = async (path: string): Promise<void> => {
      const hashOf = async (password: string): Promise<string> =>
        (
          await runCola('cola-registry', ['auth', 'hash-password'], { cwd: path, input: `${password}\n` })
        ).stdout.trim();
      const [admin, reader] = await Promise.all([hashOf('admin-password'), hashOf('reader-password')]);
      await writeFile(
        join(path, 'users.yaml'),
        `users:\n  - { username: admin, password: "${admin}", roles: [admin] }\n  - { username: reader, password: "${reader}", roles: [reader] }\n`,
      );
    };
    server = await startCola(['--auth-type', 'basic'], { prepare, env: { COLA_REGISTRY_RATE_LIMIT: '0' } });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    folder = await openTempFolder('cola-regctl-e2e');
  });
  afterEach(() => folder.remove());

  const regctl = (
    args: string | readonly string[],
    more: { token?: string; input?: string; url?: string } = {},
  ): Promise<Ran> => {
    const { token = 'admin:admin-password', input, url = server.url } = more;
    const words = typeof args === 'string' ? args.split(' ') : args;
    const env = { COLA_REGISTRY_URL: url, ...(token !== '' && { COLA_REGISTRY_TOKEN: token }) };
    return runCola('cola-regctl', words, { cwd: folder.path, env, ...(input !== undefined && { input }) });
  };
  const does = async (args: string, stdout: string): Promise<void> => {
    const ran = await regctl(args);
    expect([args, ran.code, ran.stdout, ran.stderr]).toEqual([args, 0, stdout, '']);
  };

  // The reference's own client cannot be had here; what it sends (an update without a name) is simulated by ours.
  it('creates, lists, gets, updates and deletes registries, packages and versions (acceptance case 38)', async () => {
    await does('registry list', 'No registries found\n');
    await does(
      'registry create all --description Tools --admin lead --custom-value tier=gold',
      "✓ Created registry 'all'\n",
    );
    await does('registry list', 'NAME  DESCRIPTION  PACKAGES\nall   Tools        0\n');
    await does('registry update all --clear-admins', "✓ Updated registry 'all'\n");
    await does('registry get all', 'Name: all\nDescription: Tools\nCustom Values:\n  tier: gold\n');
    await does('package list all', "No packages found in registry 'all'\n");
    await does('package create all rollback --maintainer sre,ops', "✓ Created package 'rollback' in registry 'all'\n");
    await does('package push all rollback --description Back', "✓ Updated package 'rollback' in registry 'all'\n");
    await does('package update all rollback --maintainer sre', "✓ Updated package 'rollback' in registry 'all'\n");
    await does('package get all rollback', 'Name: rollback\nDescription: Back\nMaintainers:\n  sre\nVersions: 0\n');
    await does('version list all rollback', "No versions found for package 'rollback' in registry 'all'\n");
    await does(
      `version create all rollback 2.4.1 --checksum ${HEX.toUpperCase()} --url ${URL} --end-partition 3`,
      "✓ Created version '2.4.1' for package 'rollback' in registry 'all'\n",
    );
    await does(
      'version list all rollback',
      'VERSION  CHECKSUM              PARTITIONS\n2.4.1    0f1e2d3c4b5a69788...  0-3\n',
    );
    await does(
      'version get all rollback 2.4.1',
      `Version: 2.4.1\nChecksum: ${HEX}\nURL: ${URL}\nPartition Range: 0-3\n`,
    );
    await does('package list all', 'NAME      DESCRIPTION  VERSIONS\nrollback  Back         1\n');
    await does(
      'version delete all rollback 2.4.1 -y',
      "✓ Deleted version '2.4.1' from package 'rollback' in registry 'all'\n",
    );
    await does('package delete all rollback -y', "✓ Deleted package 'rollback' from registry 'all'\n");
    await does('registry delete all -y', "✓ Deleted registry 'all'\n");
    expect((await fetch(`${server.base}/registry/all/index.json`)).status).toBe(404);
  });

  it('publishes a file, which the index names', async () => {
    await regctl('registry create pushed');
    const bytes = Buffer.alloc(3_000_000, 'x');
    await writeFile(join(folder.path, 'tool.pkg'), bytes);
    const refused = await regctl('version push pushed tool 1.0.0 tool.pkg --create');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('VALIDATION_ERROR');
    const pushed = await regctl('version push pushed tool 1.0.0 tool.pkg --create --no-validate');
    expect([pushed.code, pushed.stdout, pushed.stderr]).toEqual([
      0,
      "✓ Created version '1.0.0' for package 'tool' in registry 'pushed'\n",
      '',
    ]);
    const index = (await (await fetch(`${server.base}/registry/pushed/index.json`)).json()) as {
      checksum: string;
      url: string;
    }[];
    expect(index).toMatchObject([{ name: 'tool', checksum: createHash('sha256').update(bytes).digest('hex') }]);
    expect(Buffer.from(await (await fetch(index[0]?.url ?? '')).arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('ends with the exit code of what went wrong (acceptance case 39)', async () => {
    await regctl('registry create codes');
    const codeOf = async (...args: Parameters<typeof regctl>): Promise<number> => (await regctl(...args)).code;
    expect(await codeOf('registry get none')).toBe(3);
    expect(await codeOf('registry create codes')).toBe(4);
    expect(await codeOf('registry create other', { token: '' })).toBe(5);
    expect(await codeOf('registry create other', { token: 'admin:wrong' })).toBe(5);
    expect(await codeOf('registry create other', { token: 'reader:reader-password' })).toBe(6);
    expect(await codeOf('registry create other --custom-value x')).toBe(2);
    expect(await codeOf('registry create Other')).toBe(2);
    expect(await codeOf('registry list', { url: 'http://127.0.0.1:9' })).toBe(1);
  });

  it('tells programs the same as JSON (acceptance case 40)', async () => {
    const created = await regctl('registry create machine --json');
    expect(JSON.parse(created.stdout)).toEqual({ success: true, data: { name: 'machine' } });
    const again = await regctl('registry create machine --json');
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([4, { success: false, data: null }]);
    expect(again.stderr).toContain('REGISTRY_ALREADY_EXISTS');
  });

  it('logs in with what is piped into it, and out (acceptance case 41)', async () => {
    const file = join(folder.path, '.config/cola-registry/credentials.yaml');
    const wrong = await regctl('login', { token: '', input: '1\nadmin\nwrong\n' });
    expect(wrong.code).toBe(5);
    await expect(stat(file)).rejects.toThrow('ENOENT');
    const right = await regctl('login', { token: '', input: '1\nadmin\nadmin-password\n' });
    expect([right.code, right.stdout]).toEqual([0, `✓ Logged in to ${server.url} as admin\n`]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await regctl('whoami', { token: '' })).stdout).toBe(`✓ Authenticated to ${server.url} as admin\n`);
    expect((await regctl('registry create after-login', { token: '' })).code).toBe(0);
    for (const time of [1, 2]) expect([time, (await regctl('logout', { token: '' })).code]).toEqual([time, 0]);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
    expect((await regctl('whoami', { token: '' })).code).toBe(5);
  });

  it('sends the token of a login nowhere else (acceptance case 42)', async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((req, res) => {
      seen.push(req.headers.authorization);
      res.end('[]');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await regctl('login --username admin', { token: '', input: 'admin-password\n' });
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect((await regctl(['--url', elsewhere, 'registry', 'list'], { token: '' })).code).toBe(0);
    expect(seen).toEqual([undefined]);
    await new Promise((resolve) => other.close(resolve));
  });

  it('asks before it deletes (acceptance case 43)', async () => {
    await regctl('registry create asked');
    const declined = await regctl('registry delete asked', { input: 'n\n' });
    expect(declined.code).toBe(0);
    expect(declined.stdout).toMatch(/Deletion cancelled\n$/);
    expect((await regctl('registry get asked')).code).toBe(0);
    expect((await regctl('registry delete asked', { input: 'yes\n' })).stdout).toContain("✓ Deleted registry 'asked'");
    expect((await regctl('registry get asked')).code).toBe(3);
  });

  it('makes keys that may what their role says, and takes them back', async () => {
    for (const name of ['keyed', 'locked']) await regctl(`registry create ${name}`);
    const created = await regctl('apikey create ci --role publisher@keyed');
    expect([created.code, created.stderr]).toEqual([0, 'Keep the key: it is not shown again.\n']);
    const [, token = ''] = /^Key: (\S+)$/m.exec(created.stdout) ?? [];
    expect((await regctl('package create keyed tool', { token })).code).toBe(0);
    expect((await regctl('package create locked tool', { token })).code).toBe(6);
    expect((await regctl('apikey list')).stdout).toMatch(/^ID +NAME +ROLE .*\nci +ci +publisher@keyed /);
    expect((await regctl('apikey delete ci -y')).stdout).toBe("✓ Deleted API key 'ci'\n");
    const isOut = async (): Promise<boolean> => (await regctl('package create keyed more', { token })).code === 5;
    await until('the key is good for nothing', 30_000, isOut);
    expect((await regctl('apikey list')).stdout).toBe('No API keys found\n');
  });
});
