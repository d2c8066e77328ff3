import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openServer, type TestServer } from '../../internal/server/fixtures.suite.ts';
import { createOctobench } from './octobench.ts';
import type { Report } from './report/report.ts';
import { WORKLOADS } from './workloads/table.ts';

// Processes start slowly on a machine that is busy with other tests.
jest.setTimeout(300_000);

let cwd: string;
let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'octobench-'));
  [server, other] = await Promise.all([openServer(), openServer()]);
});
afterAll(async () => {
  await Promise.all([server.close(), other.close()]);
  await rm(cwd, { recursive: true });
});

const QUICK = [
  '--rounds',
  '2',
  '--duration',
  '20ms',
  '--warmup',
  '5ms',
  '--settle',
  '5ms',
  '--large',
  '2MiB',
  '--tags',
  '150',
];

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await createOctobench().run(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
    cwd,
  });
  return { exitCode, stdout, stderr };
}

describe('octobench run', () => {
  it('runs every workload without an error, and reports it as JSON', async () => {
    const { exitCode, stdout } = await run(['run', server.url, '--json', ...QUICK]);
    const report = JSON.parse(stdout) as Report;
    expect(report.workloads.map(({ name, skipped }) => ({ name, skipped }))).toEqual(
      WORKLOADS.map(({ name }) => ({ name, skipped: {} })),
    );
    for (const { targets } of report.workloads) {
      expect(targets[0]).toMatchObject({ errors: {}, url: server.url });
      expect(targets[0]?.operations).toBeGreaterThan(0);
      expect(targets[0]?.rounds).toHaveLength(2);
    }
    for (const ceiling of Object.values(report.ceiling)) expect(ceiling).toBeGreaterThan(0);
    expect(exitCode).toBe(0);
  });

  it('compares two, over new connections and by several processes, as a table and as a page', async () => {
    const flags = ['--new-connections', '--concurrency', '4', '--processes', '2', '--html', 'page.html', ...QUICK];
    const { exitCode, stdout } = await run([
      ...['run', server.url, 'manifest-by-tag', 'push-image', '--compare', other.url, '--pid', String(process.pid)],
      ...flags,
    ]);
    const [first, second] = [server, other].map(({ port }) => `127.0.0.1:${port}`);
    expect(stdout).toContain(`${first} is at`);
    expect(stdout).toContain(`of ${second}`);
    expect(stdout).toMatch(/^manifest-by-tag: .*; 4 at once$/m);
    expect(await readFile(join(cwd, 'page.html'), 'utf8')).toContain('<h2>push-image</h2>');
    expect(exitCode).toBe(0);
  });

  it('fails where nobody listens, and says so', async () => {
    const { exitCode, stdout, stderr } = await run(['run', 'http://127.0.0.1:1', ...QUICK]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('http://127.0.0.1:1 does not answer: ');
  });

  it('fails where the registry does not do what was asked, and says what it did instead', async () => {
    const readOnly = await openServer({ settings: { 'registry.upload_limit': '0' } });
    const { exitCode, stdout } = await run(['run', readOnly.url, 'empty', 'push-blob', ...QUICK]);
    await readOnly.close();
    expect(stdout).toContain(`127.0.0.1:${readOnly.port} was left out: POST blobs/uploads: 429 where 202 was due`);
    expect(exitCode).toBe(1);
  });

  it.each([
    ['no address', ['run', 'localhost:5000'], 'is not the address of a registry'],
    ['an unknown workload', ['run', 'http://localhost:5000', 'nonsense'], 'there is no workload nonsense'],
    [
      'one registry twice',
      ['run', 'http://localhost:1', '--compare', 'http://localhost:1'],
      'the two registries are one',
    ],
    ['a malformed flag', ['run', 'http://localhost:1', '--rounds', 'many'], '--rounds many'],
  ])('refuses %s', async (_what, argv, message) => {
    const { exitCode, stdout, stderr } = await run(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('takes a password from the environment only', async () => {
    const { exitCode, stderr } = await run(['run', server.url, 'empty', '--user', 'a']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Put it into OCTOBENCH_PASSWORD.');
  });
});

describe('main', () => {
  it('prints its version, and ends with the exit code of the command', async () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const [good, bad] = [['--version'], ['nonsense']].map((argv) => spawnSync(process.execPath, [main, ...argv]));
    expect(String(good?.stdout)).toMatch(/^octobench v\d+\.\d+\.\d+\n$/);
    expect([good?.status, bad?.status]).toEqual([0, 2]);
  });
});

describe('octobench list', () => {
  it('names every workload', async () => {
    const { stdout } = await run(['list', '--json']);
    expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)).toEqual(
      WORKLOADS.map(({ name }) => name),
    );
    expect((await run(['list'])).stdout).toContain('manifest-by-tag');
  });
});
