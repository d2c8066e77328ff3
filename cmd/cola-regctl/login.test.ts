import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openScripted, useRig } from './fixtures.suite.ts';

const R = '/api/v1/registry';

const rig = useRig();
const { run } = rig;
const credentials = (): string => join(rig.env['COLA_CONFIG_DIR'] ?? '', 'credentials.yaml');
const login = () => {
  rig.server.answers = { ...rig.server.answers, 'GET /api/v1/whoami': { status: 200, body: { username: 'alice' } } };
  return run('login --username alice --password-stdin', ['secret']);
};

describe('tokens of cola-regctl', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['', {}, undefined],
    ['--token alice:secret', {}, `Basic ${btoa('alice:secret')}`],
    ['--token aa.bb.c-_', {}, 'Bearer aa.bb.c-_'],
    ['--token cola_abc', {}, 'Bearer cola_abc'],
    ['--token cola_abc:x', {}, `Basic ${btoa('cola_abc:x')}`],
    ['', { COLA_REGISTRY_TOKEN: 'a:b' }, `Basic ${btoa('a:b')}`],
    ['', { COLA_REGISTRY_SESSION_TOKEN: 'a:c' }, `Basic ${btoa('a:c')}`],
    ['', { COLA_REGISTRY_USER: 'u', COLA_REGISTRY_PASSWORD: 'p' }, `Basic ${btoa('u:p')}`],
    ['', { COLA_REGISTRY_TOKEN: 'a:b', COLA_REGISTRY_USER: 'u', COLA_REGISTRY_PASSWORD: 'p' }, `Basic ${btoa('a:b')}`],
    ['--token c:d', { COLA_REGISTRY_TOKEN: 'a:b' }, `Basic ${btoa('c:d')}`],
  ])('%s with %j are sent as %s', async (flags, more, authorization) => {
    Object.assign(rig.env, more);
    rig.server.answers = { [`GET ${R}`]: { status: 200, body: [] } };
    await run(`registry list ${flags}`);
    expect(rig.server.seen[0]?.authorization).toBe(authorization);
  });

  it('go nowhere but to the server that they were stored for (acceptance case 42)', async () => {
    await login();
    const other = await openScripted();
    try {
      await run(`registry list --url ${other.url}`);
      expect(other.seen[0]).toMatchObject({ url: R, authorization: undefined });
      await run(`registry list --url ${rig.server.url}/`);
      expect(rig.server.seen.at(-1)?.authorization).toBe(`Basic ${btoa('alice:secret')}`);
    } finally {
      await other.close();
    }
  });
});

describe('cola-regctl login', () => {
  it.each<[string, readonly string[], string, string]>([
    ['login', ['1', 'alice', 'secret'], 'alice:secret', 'Basic'],
    ['login', ['', 'alice', 'secret'], 'alice:secret', 'Basic'],
    ['login', ['2', 'a.b.c'], 'a.b.c', 'Bearer'],
    ['login --token-stdin', ['cola_k'], 'cola_k', 'Bearer'],
    ['login --username alice', ['secret'], 'alice:secret', 'Basic'],
    ['login --user alice --password secret', [], 'alice:secret', 'Basic'],
  ])(
    '%s with %j keeps what was tried, for its owner alone (acceptance case 41)',
    async (argv, stdin, token, scheme) => {
      rig.server.answers = { 'GET /api/v1/whoami': { status: 200, body: { username: 'alice' } } };
      const { exitCode, stdout } = await run(`${argv} --url ${rig.server.url}/`, stdin);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `✓ Logged in to ${rig.server.url} as alice\n` });
      expect(rig.server.seen[0]?.authorization).toContain(scheme);
      expect(await readFile(credentials(), 'utf8')).toBe(`url: "${rig.server.url}"\ntoken: "${token}"\n`);
      expect((await stat(credentials())).mode & 0o777).toBe(0o600);
      expect((await stat(rig.env['COLA_CONFIG_DIR'] ?? '')).mode & 0o777).toBe(0o700);
    },
  );

  it('keeps nothing that was refused (acceptance case 41)', async () => {
    rig.server.answers = { 'GET /api/v1/whoami': { status: 401, body: {} } };
    expect(await run('login --username alice', ['wrong'])).toMatchObject({ exitCode: 5 });
    await expect(stat(credentials())).rejects.toThrow('ENOENT');
  });

  it.each([[['1', '', 'x']], [['1', 'alice', '']], [['1', 'alice']], [['3']], [['1', 'a:b', 'x']]])(
    'calls %j invalid',
    async (stdin) => {
      expect(await run('login', stdin)).toMatchObject({ exitCode: 2 });
      expect(rig.server.seen).toEqual([]);
    },
  );

  it('is forgotten by logout, twice if wanted (acceptance case 41)', async () => {
    await login();
    for (const time of ['first', 'second']) {
      expect([time, await run('logout')]).toMatchObject([time, { exitCode: 0, stdout: '✓ Logged out successfully\n' }]);
    }
    await expect(stat(credentials())).rejects.toThrow('ENOENT');
  });

  it('finds the file of the usual place, and of XDG_CONFIG_HOME only where it is there', async () => {
    rig.env = { HOME: rig.folder, XDG_CONFIG_HOME: join(rig.folder, 'xdg'), COLA_REGISTRY_URL: rig.server.url };
    await login();
    const usual = join(rig.folder, '.config', 'cola-registry', 'credentials.yaml');
    expect(await readFile(usual, 'utf8')).toContain('alice:secret');
  });
});

describe('cola-regctl whoami', () => {
  it('says who we are', async () => {
    await login();
    expect(await run('whoami')).toMatchObject({
      exitCode: 0,
      stdout: `✓ Authenticated to ${rig.server.url} as alice\n`,
    });
    expect(JSON.parse((await run('whoami --json')).stdout)).toEqual({
      success: true,
      data: { server: rig.server.url, authenticated: true, username: 'alice' },
    });
  });

  it('says that we are nobody, exit code 5', async () => {
    rig.server.answers = { 'GET /api/v1/whoami': { status: 401, body: {} } };
    expect(await run('whoami')).toEqual({
      exitCode: 5,
      stdout: "Run 'cola-regctl login' to authenticate\n",
      stderr: `✗ Not authenticated to ${rig.server.url}\n`,
    });
    const { exitCode, stdout } = await run('whoami --json');
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      success: true,
      data: { authenticated: false, username: '(username unknown)' },
    });
  });
});

describe('contexts of cola-regctl', () => {
  it('are servers by name, each with its own login', async () => {
    const other = await openScripted();
    try {
      await login();
      delete rig.env['COLA_REGISTRY_URL'];
      expect((await run(`context add here ${rig.server.url}/`)).exitCode).toBe(0);
      await run(`context add there ${other.url}`);
      expect((await run('context list')).stdout).toBe(
        `CURRENT  NAME   SERVER${' '.repeat(rig.server.url.length - 6)}  LOGGED IN\n*        here   ${rig.server.url}  yes\n         there  ${other.url}  no\n`,
      );
      expect((await run('context use there')).stderr).toContain('Nobody is logged in there yet');
      await run('registry list');
      expect(other.seen[0]).toMatchObject({ authorization: undefined });
      await run('context use here');
      await run('registry list');
      expect(rig.server.seen.at(-1)?.authorization).toBe(`Basic ${btoa('alice:secret')}`);
      await run('context remove there');
      expect(await run('context use there')).toMatchObject({ exitCode: 3 });
    } finally {
      await other.close();
    }
  });
});
