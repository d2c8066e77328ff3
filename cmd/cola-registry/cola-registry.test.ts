import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPasswords } from '../../internal/auth/index.ts';
import type { Reader } from '../../internal/cli/index.ts';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createColaRegistry } from './cola-registry.ts';
import { loadColaConfig } from './config.ts';
import { createFileRoles } from './roles.ts';
import { adviceOf } from './stand-alone.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await openTempFolder('cola-registry');
});
afterEach(() => folder.remove());

async function run(argv: string, lines: readonly string[] = [], isTTY = false) {
  let [stdout, stderr] = ['', ''];
  const left = [...lines];
  const next = async (): Promise<string | undefined> => left.shift();
  const stdin: Reader = { isTTY, line: next, secret: next };
  const exitCode = await createColaRegistry().run(argv.split(' '), {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    stdin,
    env: {},
    cwd: folder.path,
  });
  return { exitCode, stdout, stderr };
}

async function load(options: Record<string, string> = {}, env: Record<string, string> = {}) {
  const silent = { write: () => undefined };
  const input = { options, lists: {}, shadowed: {}, arguments: [], settings: {} };
  return loadColaConfig(input, { stdout: silent, stderr: silent, env, cwd: folder.path });
}

describe('cola-registry auth hash-password (acceptance case 28)', () => {
  it('prints one line from a pipe: a hash that the password fits', async () => {
    const { exitCode, stdout } = await run('auth hash-password', ['pw']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\$2[ab]\$10\$[./A-Za-z0-9]{53}\n$/);
    const passwords = createPasswords({ ticks: () => 0, bcryptCost: () => 10 });
    expect(await passwords.check('alice', stdout.trim(), 'pw')).toBe(true);
    expect(await passwords.check('alice', stdout.trim(), 'other')).toBe(false);
    await passwords.close();
  });

  it('asks a person twice, and says what it prints', async () => {
    expect((await run('auth hash-password', ['pw', 'pw'], true)).stdout).toMatch(/^Password hash:\n\$2/);
    expect(await run('auth hash-password', ['pw', 'wp'], true)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: 'Error: the passwords differ\n',
    });
  });

  it.each([
    [[''], 'password cannot be empty'],
    [[], 'password cannot be empty'],
    [['x'.repeat(73)], 'longer than 72 bytes'],
    [['ü'.repeat(37)], 'longer than 72 bytes'],
  ])('refuses %j', async (lines, why) => {
    const { exitCode, stdout, stderr } = await run('auth hash-password', lines);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(why);
  });
});

describe('cola-registry server', () => {
  it.each([
    ['--port 0', '--port must be 1 to 65535: not "0"'],
    ['--port 8080x', '--port must be 1 to 65535'],
    ['--log-level loud', '--log-level must be debug, info, warn or error'],
    ['--log-format xml', '--log-format must be json or text'],
    ['--auth-type magic', '--auth-type must be none, basic or custom_jwt'],
    ['--auth-type custom_jwt', 'needs --auth-custom-jwt-script'],
    ['--auth-type ldap', 'is not offered here'],
    ['--storage-uri ftp://x', 'unsupported storage scheme "ftp"'],
    ['--storage-uri oci://user:secret@host/x', 'holds no credentials'],
    ['--storage-uri s3://host/b/k?x=1', 'nothing else: not "x"'],
    ['--storage-uri=', 'the storage URI is empty'],
    ['--facades.cola.prefix=A', 'facades.cola.prefix must be a part of the name of a repository'],
  ])('does not start with %s, exit code 1 (acceptance cases 29 and 36)', async (flags, why) => {
    const { exitCode, stdout, stderr } = await run(`server ${flags}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^Error: invalid configuration: /);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('secret');
  });

  it.each(['server --nonsense', 'nonsense', 'server --facades.cola.nonsense=1'])(
    'calls "%s" wrong usage, exit code 1',
    async (argv) => {
      const { exitCode, stderr } = await run(argv);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^Error: unknown/);
    },
  );

  it('tells its version', async () => {
    expect((await run('--version')).stdout).toMatch(/^cola-registry version \d+\.\d+\.\d+\n$/);
  });
});

describe('the configuration of cola-registry', () => {
  it('has the defaults of COLA, with everything as OCI artifacts', async () => {
    const { config, isNative, shownUri } = await load();
    expect({ isNative, shownUri }).toEqual({ isNative: true, shownUri: 'store://' });
    expect(config).toMatchObject({
      'server.port': 8080,
      'server.address': '0.0.0.0',
      'log.level': 'info',
      'log.format': 'json',
      'auth.mode': 'none',
      'storage.type': 'filesystem',
      'facades.cola.rate_limit': 100,
      'facades.cola.enabled': true,
      'facades.foundry.enabled': false,
    });
  });

  it.each([
    ['port', { port: '1111' }, { COLA_REGISTRY_SERVER_PORT: '2222' }, 'server.port', 1111, 2222, 8080],
    ['log level', { logLevel: 'warn' }, { COLA_REGISTRY_LOGGING_LEVEL: 'error' }, 'log.level', 'warn', 'error', 'info'],
    [
      'storage URI',
      { storageUri: 'a.json' },
      { COLA_REGISTRY_STORAGE_URI: ' b.json ' },
      'facades.cola.storage_uri',
      'a.json',
      'b.json',
      undefined,
    ],
  ] as const)(
    'takes the %s of a flag before that of a variable (acceptance case 30)',
    async (_, flag, env, key, a, b, c) => {
      expect((await load(flag, env)).config[key]).toBe(a);
      expect((await load({}, env)).config[key]).toBe(b);
      expect((await load()).config[key]).toBe(c);
    },
  );

  it('takes all variables of COLA, and those of the product below them', async () => {
    const { config, warnings } = await load(
      {},
      {
        COLA_REGISTRY_RATE_LIMIT: '0',
        COLA_REGISTRY_TRUSTED_PROXIES: '10.0.0.0/8',
        COLA_REGISTRY_PUBLIC_URL: 'https://cola.example.org',
        COLA_REGISTRY_PARTITION_OVERLAP: 'reject',
        COLA_REGISTRY_INDEX_STRICT: '1',
        COLA_REGISTRY_REPO_PREFIX: 'tools',
        COLA_REGISTRY_IMMUTABLE_TAGS: 'false',
        COLA_REGISTRY_MIRROR: 'on',
        COLA_REGISTRY_CACHE_URI: 'redis://x',
        COLA_REGISTRY_AUTH_TYPE: 'basic',
        COLA_REGISTRY_SERVER_PORT: '9090',
        OCTOSERVE_SERVER_PORT: '7070',
        OCTOSERVE_STORAGE_PATH: '/srv/cola',
      },
    );
    expect(config).toMatchObject({
      'facades.cola.rate_limit': 0,
      'server.trusted_proxies': ['10.0.0.0/8'],
      'server.public_url': 'https://cola.example.org',
      'facades.cola.partition_overlap': 'reject',
      'facades.cola.index_strict': true,
      'facades.cola.prefix': 'tools',
      'facades.cola.immutable_tags': false,
      'facades.cola.mirror': true,
      'auth.mode': 'basic',
      'auth.users_file': `${folder.path}/users.yaml`,
      'auth.anonymous': ['tools/*', 'tools/**'],
      'server.port': 9090,
      'storage.path': '/srv/cola',
    });
    expect(warnings).toHaveLength(1);
  });

  it('takes the script that knows tokens, and the group that may write', async () => {
    const flags = { authType: 'custom_jwt', authCustomJwtScript: 'check.sh', authCustomJwtRequiredGroup: 'ops' };
    const { config, script, requiredGroup, authType } = await load(flags);
    expect({ script, requiredGroup, authType }).toEqual({
      script: `${folder.path}/check.sh`,
      requiredGroup: 'ops',
      authType: 'custom_jwt',
    });
    expect(config).toMatchObject({ 'auth.mode': 'basic', 'auth.users_file': undefined });
  });

  it('asks readers to sign in where that is required', async () => {
    const { config } = await load({ authType: 'basic' }, { COLA_REGISTRY_AUTH_READ: 'required' });
    expect(config['auth.anonymous']).toEqual([]);
  });

  it('keeps nothing beside a document, and shows no credentials of its URI', async () => {
    const { config, shownUri, isNative } = await load({
      storageUri: 'oci+http://localhost:5000/data',
      storageToken: 's',
    });
    expect({ shownUri, isNative }).toEqual({ shownUri: 'oci+http://localhost:5000/data', isNative: false });
    expect(config).toMatchObject({ 'storage.type': 'memory', 'server.workers': '1' });
  });

  it('names migrate at the start of a document, and of what is left of one', async () => {
    const document = adviceOf(await load({ storageUri: 'r.json' }), false);
    expect(document).toEqual([expect.stringContaining('cola-registry migrate --from r.json')]);
    expect(adviceOf(await load(), true)).toEqual([expect.stringContaining('migrate --from ./data/registry.json')]);
    expect(adviceOf(await load(), false)).toEqual([]);
  });
});

describe('the roles of users.yaml', () => {
  const roles = createFileRoles('cola');
  const of = (...given: readonly string[]) =>
    roles([{ name: 'alice', roles: given }]).map(({ subject, role, pattern }) => `${subject} ${role} ${pattern}`);

  it.each([
    [[], ['user:alice admin cola/*', 'user:alice admin cola/**']],
    [['admin'], ['user:alice admin **']],
    [['admin@ops'], ['user:alice admin cola/ops', 'user:alice admin cola/ops/**']],
    [['publisher'], ['user:alice reader cola/*', 'user:alice maintainer cola/*/**']],
    [['publisher@ops'], ['user:alice reader cola/ops', 'user:alice maintainer cola/ops/**']],
    [['reader@a-'], ['user:alice reader cola/x--c4mg', 'user:alice reader cola/x--c4mg/**']],
  ])('%j are %j', (given, bindings) => {
    expect(of(...given)).toEqual(bindings);
  });

  it('give those without any nothing, once somebody has some', () => {
    const given = roles([
      { name: 'alice', roles: ['admin'] },
      { name: 'bob', roles: [] },
    ]);
    expect(given).toEqual([{ subject: 'user:alice', role: 'admin', pattern: '**' }]);
  });

  it.each(['root', 'writer', 'publisher@Ops', 'publisher@a@b', ''])('know no %j', (role) => {
    expect(() => of(role)).toThrow('there are admin, publisher and reader');
  });
});
