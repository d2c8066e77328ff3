import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createOctobench } from '../octobench.ts';
import type { GrowthLine } from './report.ts';

// Servers start slowly on a machine that is busy with other tests.
jest.setTimeout(300_000);

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'octobench-growth-'));
});
afterAll(() => rm(cwd, { recursive: true }));

async function run(...argv: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await createOctobench().run(['growth', ...argv], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    cwd,
  });
  return { exitCode, stdout, stderr };
}

const QUICK = ['--folder', 'stores', '--rounds', '1', '--requests', '3', '--starts', '1', '--settle', '1ms', '--json'];

describe('octobench growth', () => {
  it('measures every request at each size, and grows further what it left', async () => {
    const first = await run('--sizes', '1000,2000', ...QUICK);
    const again = await run('--sizes', '1000,2000,3000', '--html', 'page.html', ...QUICK);
    const sizes = [first, again].map(({ stdout }) => {
      const { lines } = JSON.parse(stdout) as { readonly lines: readonly GrowthLine[] };
      expect(lines).toHaveLength(20);
      for (const { points } of lines) for (const { middle } of points) expect(middle).toBeGreaterThan(0);
      return lines[0]?.points.map(({ size }) => size);
    });
    expect(sizes).toEqual([
      [1000, 2000],
      [1000, 2000, 3000],
    ]);
    expect(again.stderr).not.toContain('filling to 2,000');
    expect(await readFile(join(cwd, 'page.html'), 'utf8')).toContain('manifest by tag');
  });

  it.each([
    ['one size only', ['--sizes', '1000'], 'two at least'],
    ['another catalog', ['--catalog', 'mysql'], '--catalog mysql'],
    ['PostgreSQL without databases', ['--catalog', 'postgres'], 'two different URLs'],
    ['one database for both stores', ['--catalog', 'postgres', '--postgres', 'a,a'], 'two different URLs'],
    ['databases for SQLite', ['--postgres', 'a,b'], 'go together'],
  ])('refuses %s', async (_what, argv, message) => {
    const { exitCode, stdout, stderr } = await run(...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
