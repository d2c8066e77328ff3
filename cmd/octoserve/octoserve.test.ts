import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createOctoserve } from './octoserve.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'octoserve-cmd-'));
});
afterEach(() => rm(cwd, { recursive: true }));

async function run(argv: string[], env: Record<string, string> = {}) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await createOctoserve().run(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
    cwd,
  });
  return { exitCode, stdout, stderr };
}
const write = (content: unknown, name = 'config.json') => writeFile(join(cwd, name), JSON.stringify(content));
const fromTop = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('octoserve', () => {
  it.each([[['-version']], [['--version']], [['version']]])(
    'prints one line for %j (acceptance case 3)',
    async (argv) => {
      const { version } = JSON.parse(await fromTop('package.json')) as { version: string };
      expect(await run(argv)).toEqual({
        exitCode: 0,
        stdout: `octoserve v${version} - Minimal OCI Registry\n`,
        stderr: '',
      });
    },
  );

  it('tells programs its version too', async () => {
    expect(JSON.parse((await run(['version', '--json'])).stdout)).toMatchObject({
      name: 'octoserve',
      node: process.versions.node,
    });
  });

  it('prints its usage for -help', async () => {
    const { exitCode, stdout } = await run(['-help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: octoserve [options] [command]');
    expect(stdout).toContain('--config <path>');
  });

  it.each([[['-nonsense']], [['serve', '--server.prot=1']], [['config', 'check', '--server.prot=1']], [['nonsense']]])(
    'prints usage on stderr for %j, exit 2',
    async (argv) => {
      const { exitCode, stdout, stderr } = await run(argv);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain('Usage: octoserve');
    },
  );

  it('does not serve with a port that is none (acceptance case 3)', async () => {
    await write({ server: { port: 70_000 } }, 'other.json');
    const { exitCode, stderr } = await run(['-config', 'other.json']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Failed to load configuration: server\.port must be a port, 1 to 65535: not 70000/);
  });

  it('does not serve with a bad variable, which it names (acceptance case 4)', async () => {
    const { exitCode, stderr } = await run([], { OCTOSERVE_SERVER_PORT: '8080abc' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Failed to load configuration: .*"8080abc" \(from OCTOSERVE_SERVER_PORT\)/);
  });
});

describe('octoserve config check', () => {
  it('finds nothing wrong with no file', async () => {
    expect(await run(['config', 'check'])).toEqual({
      exitCode: 0,
      stdout: 'The configuration is valid (no file).\n',
      stderr: '',
    });
  });

  it('names each problem on a line, exit 1', async () => {
    await write({ server: { port: 'x', prot: 1, workers: '1' } });
    const { exitCode, stdout } = await run(['config', 'check']);
    expect(exitCode).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'error: config.json: server.prot is unknown; did you mean server.port?',
      'error: server.port must be a port, 1 to 65535: not "x" (in config.json)',
      '',
    ]);
  });

  it('warns of what a file of the contract asks for and is not offered', async () => {
    await write({ logging: { level: 'info' }, p2p: { enabled: true } });
    const { exitCode, stdout } = await run(['config', 'check', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      valid: true,
      file: 'config.json',
      problems: [],
      warnings: ['config.json: p2p is not offered here and has no effect'],
    });
  });
});

describe('octoserve config show', () => {
  it('prints each setting with where it came from, secrets masked', async () => {
    await write({ server: { idle_timeout: '1m' } });
    const env = { OCTOSERVE_METRICS_USERNAME: 'me', OCTOSERVE_METRICS_PASSWORD: 'hunter2' };
    const { exitCode, stdout } = await run(['config', 'show', '--server.port=5001'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^SETTING +VALUE +FROM\n/);
    expect(stdout).toMatch(/^server\.port +5001 +flag --server\.port$/m);
    expect(stdout).toMatch(/^server\.idle_timeout +1m0s +file config\.json$/m);
    expect(stdout).toMatch(/^metrics\.basic_auth\.password +\*{8} +env OCTOSERVE_METRICS_PASSWORD$/m);
    expect(stdout).toMatch(/^storage\.path +\.\/data +default$/m);
  });

  it('prints the same as JSON, warnings on stderr', async () => {
    const { stdout, stderr } = await run(['config', 'show', '--json', '--config', 'none.json']);
    expect(JSON.parse(stdout)).toMatchObject({ 'server.port': { value: 5000, source: 'default' } });
    expect(stderr).toBe('warning: none.json does not exist: going on without a file\n');
  });

  it.each([
    ['config', 'config.example.json'],
    ['env', '.env.example'],
  ])('writes with --example %s what stands in %s', async (form, file) => {
    expect((await run(['config', 'show', '--example', form])).stdout).toBe(await fromTop(file));
  });
});

describe('octoserve config schema', () => {
  it('describes every setting that there is', async () => {
    const { exitCode, stdout } = await run(['config', 'schema']);
    const { properties } = JSON.parse(stdout) as { properties: Record<string, unknown> };
    expect(exitCode).toBe(0);
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(['server', 'storage', 'catalog', 'registry', 'log']),
    );
  });
});
