import { afterAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTempFolder } from '../testing/temp-folder.ts';
import { startText } from './start.ts';

const folder = await openTempFolder('start');
afterAll(() => folder.remove());
let packages = 0;

/** A package with a program that says where compiled code is kept. */
function makePackage(): { readonly main: string; readonly compiled: string } {
  const dist = join(folder.path, String(++packages), 'dist');
  const main = join(dist, 'cmd/tool/main.js');
  for (const path of ['cmd/tool', 'bundle']) mkdirSync(join(dist, path), { recursive: true });
  writeFileSync(join(dist, '../package.json'), '{"type":"module"}');
  writeFileSync(main, startText('tool'));
  writeFileSync(join(dist, 'bundle/tool.js'), 'process.stdout.write(process.env.NODE_COMPILE_CACHE ?? "nowhere");\n');
  return { main, compiled: join(dist, 'bundle/compiled') };
}

const run = (main: string, env: Readonly<Record<string, string>> = {}): string =>
  execFileSync(process.execPath, [main], { env, encoding: 'utf8' });

describe('the start of a program', () => {
  it('keeps what was compiled beside the bundle, for its threads too', () => {
    const { main, compiled } = makePackage();
    expect(join(run(main))).toBe(compiled);
    expect(existsSync(compiled)).toBe(true);
  });

  it('leaves it to whoever names another folder', () => {
    const { main, compiled } = makePackage();
    const other = join(folder.path, 'other');
    expect(run(main, { NODE_COMPILE_CACHE: other })).toBe(other);
    expect(existsSync(compiled)).toBe(false);
  });

  it('runs where the folder cannot be made', () => {
    const { main, compiled } = makePackage();
    writeFileSync(compiled, 'in the way');
    expect(run(main)).toBe('nowhere');
  });
});
