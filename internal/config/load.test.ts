import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig, type LoadOptions } from './load.ts';
import { CORE_OPTIONS } from './options.ts';
import { ConfigError } from './problem.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'octoserve-config-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const TABLES = [CORE_OPTIONS] as const;
const load = (from: Partial<LoadOptions<typeof TABLES>> = {}) => loadConfig({ tables: TABLES, env: {}, cwd, ...from });
const problems = (from: Partial<LoadOptions<typeof TABLES>> = {}): Promise<readonly string[]> =>
  load(from).then(
    () => [],
    (error: unknown) => {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    },
  );
const write = (content: unknown, name = 'config.json') =>
  writeFile(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));

describe('loadConfig', () => {
  it('goes by the defaults where nothing is said (acceptance case 1)', async () => {
    const { config, warnings, file, origins } = await load();
    expect(config).toMatchObject({
      'server.address': 'localhost',
      'server.port': 5000,
      'server.read_timeout': 30_000,
      'server.idle_timeout': 120_000,
      'server.max_header_size': 32_768,
      'server.trusted_proxies': [],
      'log.level': 'info',
      'log.format': 'json',
      'metrics.endpoint': '/metrics',
    });
    expect(config['server.public_url']).toBeUndefined();
    expect({ warnings, file, origin: origins.get('server.port') }).toEqual({
      warnings: [],
      file: undefined,
      origin: { source: 'default' },
    });
  });

  it('lets later sources win, and tells which did', async () => {
    await write({ server: { port: 1, address: 'a', idle_timeout: '1m' } });
    const { config, origins, file } = await load({
      env: { OCTOSERVE_SERVER_PORT: '2', OCTOSERVE_SERVER_ADDRESS: 'b' },
      flags: { 'server.port': '3' },
    });
    expect(config).toMatchObject({ 'server.port': 3, 'server.address': 'b', 'server.idle_timeout': 60_000 });
    expect(file).toBe('config.json');
    expect(
      ['server.port', 'server.address', 'server.idle_timeout', 'log.level'].map((key) => origins.get(key)),
    ).toEqual([
      { source: 'flag', name: '--server.port' },
      { source: 'env', name: 'OCTOSERVE_SERVER_ADDRESS' },
      { source: 'file', name: 'config.json' },
      { source: 'default' },
    ]);
  });

  it('lets a variable overrule the port of a file, and names a bad one (acceptance case 4)', async () => {
    await write({ server: { port: 5000 } });
    expect((await load({ env: { OCTOSERVE_SERVER_PORT: '8080' } })).config['server.port']).toBe(8080);
    expect(await problems({ env: { OCTOSERVE_SERVER_PORT: '8080abc' } })).toEqual([
      'server.port must be a port, 1 to 65535: not "8080abc" (from OCTOSERVE_SERVER_PORT)',
    ]);
  });

  it('names a port that is none (acceptance case 3)', async () => {
    await write({ server: { port: 70_000 } });
    expect(await problems()).toEqual(['server.port must be a port, 1 to 65535: not 70000 (in config.json)']);
  });

  it('reads durations of the contract and refuses others (acceptance case 5)', async () => {
    await write({ server: { read_timeout: '2m', write_timeout: '1m30s', idle_timeout: 60_000_000_000 } });
    expect((await load()).config).toMatchObject({
      'server.read_timeout': 120_000,
      'server.write_timeout': 90_000,
      'server.idle_timeout': 60_000,
    });
    await write({ server: { read_timeout: 'soon' } });
    expect(await problems()).toEqual([
      'server.read_timeout must be a duration such as 30s or 1m30s, not negative: not "soon" (in config.json)',
    ]);
  });

  it('judges the merged result: what is overruled need not be right', async () => {
    await write({ server: { port: 70_000 } });
    expect((await load({ env: { OCTOSERVE_SERVER_PORT: '8080' } })).config['server.port']).toBe(8080);
  });

  it('reads the example of the contract', async () => {
    await write(
      `{ "server": {"address": "0.0.0.0", "port": 8080, "read_timeout": "1m", "write_timeout": "1m", "idle_timeout": "2m"},
         "logging": {"level": "debug", "format": "text"} }`,
    );
    const { config, warnings } = await load();
    expect(config).toMatchObject({ 'server.port': 8080, 'log.level': 'debug', 'log.format': 'text' });
    expect(warnings).toEqual([]);
  });

  it('starts with a file of the contract, warning of each name that is not offered', async () => {
    await write({ server: { h2c: true }, logging: { level: 'info' }, p2p: { enabled: false, port: 6000 }, extra: 1 });
    expect((await load()).warnings).toEqual([
      'config.json: server.h2c is not offered here and has no effect',
      'config.json: p2p is not offered here and has no effect',
      'config.json: extra is no setting and has no effect',
    ]);
  });

  it.each<readonly [object, readonly string[]]>([
    [{ server: { h2c: false } }, ['server.h2c is not offered here and has no effect']],
    [{ metrics: { enabled: true, namespace: 'x' } }, ['metrics.namespace is no setting and has no effect']],
    [
      { server: { prot: 1 }, extra: {} },
      ['server.prot is no setting and has no effect', 'extra is no setting and has no effect'],
    ],
  ])('starts with a config.json that only unknown names tell from the contract: %j', async (content, warnings) => {
    await write(content);
    expect((await load()).warnings).toEqual(warnings.map((warning) => `config.json: ${warning}`));
    expect((await load({ file: join(cwd, 'config.json') })).warnings).toHaveLength(warnings.length);
  });

  it.each<readonly [object, string]>([
    [{ log: { level: 'info' }, server: { prot: 1 } }, 'server.prot is unknown; did you mean server.port?'],
    [{ log: { levle: 'info' } }, 'log.levle is unknown; did you mean log.level?'],
    [{ server: { prot: 1, workers: '2' } }, 'server.prot is unknown; did you mean server.port?'],
    [{ 'auth.mode': 'none', 'server.prot': 1 }, 'server.prot is unknown; did you mean server.port?'],
  ])('refuses an unknown name in a file of our own, naming the nearest: %j', async (content, problem) => {
    await write(content);
    expect(await problems()).toEqual([`config.json: ${problem}`]);
  });

  it('takes a file of any other name for ours', async () => {
    await write({ server: { prot: 1 } }, 'own.json');
    expect(await problems({ file: 'own.json' })).toEqual([
      'own.json: server.prot is unknown; did you mean server.port?',
    ]);
  });

  it('only warns in a file of our own of what the contract has and we do not', async () => {
    await write({ server: { h2c: true }, log: { level: 'warn' } });
    const { warnings, config } = await load();
    expect([warnings, config['log.level']]).toEqual([
      ['config.json: server.h2c is not offered here and has no effect'],
      'warn',
    ]);
  });

  it('reads TOML and YAML like JSON', async () => {
    await write('[server]\nport = 8081\nread_timeout = "1m"\n', 'a.toml');
    await write('server:\n  port: 8082\n  workers: 4\n', 'a.yaml');
    expect((await load({ file: 'a.toml' })).config['server.port']).toBe(8081);
    expect((await load({ file: join(cwd, 'a.yaml') })).config).toMatchObject({
      'server.port': 8082,
      'server.workers': '4',
    });
  });

  it('goes on without a file that was named and does not exist, but says so', async () => {
    const { file, warnings } = await load({ file: 'other.json' });
    expect({ file, warnings }).toEqual({
      file: undefined,
      warnings: ['other.json does not exist: going on without a file'],
    });
  });

  it('says all that is wrong at once', async () => {
    await write({ server: { port: 0, nonsense: 1 }, log: 5 });
    const found = await problems({ env: { OCTOSERVE_LOG_LEVEL: 'loud', OCTOSERVE_METRICS_ENABLED: 'yes' } });
    expect(found).toHaveLength(5);
  });

  it('shows no secret in a problem', async () => {
    const found = await problems({ env: { OCTOSERVE_METRICS_PASSWORD: 'hunter\n2' } });
    expect(found).toEqual([
      'metrics.basic_auth.password must not contain line breaks or other control characters: ' +
        'not what is set (from OCTOSERVE_METRICS_PASSWORD)',
    ]);
  });

  it('shows no credentials of a URL that takes none', async () => {
    const [found] = await problems({ flags: { 'server.public_url': 'https://me:hunter2@example.com/path' } });
    expect(found).toMatch(/^server\.public_url must .*: not "https:\/\/\*\*\*@example\.com\/path" /);
  });

  it('takes an unknown flag for wrong usage', async () => {
    await expect(load({ flags: { 'server.prot': '1' } })).rejects.toMatchObject({
      isUsage: true,
      problems: ['unknown flag --server.prot; did you mean --server.port?'],
    });
  });

  it('wants certificate and key together', async () => {
    expect(await problems({ flags: { 'server.tls.cert': 'a.pem' } })).toEqual([
      'server.tls.cert needs server.tls.key, which is not set',
    ]);
  });

  it('warns of metrics that a lone password does not protect', async () => {
    expect((await load({ env: { OCTOSERVE_METRICS_PASSWORD: 'x' } })).warnings).toEqual([
      'metrics.basic_auth.password has no effect without metrics.basic_auth.username, which is not set',
    ]);
  });

  it('cannot be changed afterwards', async () => {
    const { config } = await load({ flags: { 'server.trusted_proxies': '10.0.0.1' } });
    expect(Object.isFrozen(config) && Object.isFrozen(config['server.trusted_proxies'])).toBe(true);
  });

  it('refuses tables in which a key is twice', async () => {
    const loading = loadConfig({ tables: [CORE_OPTIONS, CORE_OPTIONS], env: {}, cwd });
    await expect(loading).rejects.toThrow('server.address is in two tables');
  });
});

describe('what is judged of settings together', () => {
  it('is a problem like any other', async () => {
    const judge = () => ['the port is not to my taste'];
    expect(await problems({ judge })).toEqual(['the port is not to my taste']);
    expect(await problems({ judge: () => [] })).toEqual([]);
  });

  it('comes once each is right by itself', async () => {
    const judge = ({ 'server.port': port }: { readonly 'server.port': number }) => [`port ${port}`];
    expect(await problems({ judge, flags: { 'server.port': 'x' } })).toEqual([
      expect.stringMatching(/^server.port must/),
    ]);
    expect(await problems({ judge, flags: { 'server.port': '80' } })).toEqual(['port 80']);
  });
});
