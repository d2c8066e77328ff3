import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTempFolder } from '../testing/temp-folder.ts';
import { gatherLicences } from './licences.ts';

const folder = await openTempFolder('licences');
afterAll(() => folder.remove());
const root = folder.path;

function makePackage(at: string, about: object, files: Readonly<Record<string, string>> = {}): void {
  const path = join(root, at);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify(about));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
}

describe('gatherLicences', () => {
  makePackage('node_modules/b', { name: 'b', version: '2.0.0', license: 'MIT' }, { LICENSE: 'of b' });
  makePackage('node_modules/b/node_modules/@s/c', { name: '@s/c', version: '3.0.0', license: 'ISC' });
  makePackage(
    'node_modules/a',
    { name: 'a', version: '1.0.0', license: 'Apache-2.0' },
    { 'LICENCE.txt': 'of a', NOTICE: 'its notice', 'README.md': 'not asked for' },
  );
  makePackage('node_modules/none', { name: 'none', version: '1.0.0' });

  it('has the texts of each package once, in the order of their names', async () => {
    const text = await gatherLicences(root, ['node_modules/b/x.js', 'node_modules/a/x.js', 'node_modules/b/lib/y.js']);
    expect(text.split(/\n-{80}\n\n/)).toEqual(['a 1.0.0 (Apache-2.0)\n\nof a\nits notice', 'b 2.0.0 (MIT)\n\nof b']);
  });

  it('takes a package inside another for one of its own, and our files for none', async () => {
    const paths = ['internal/server/build.ts', 'node_modules/b/node_modules/@s/c/dist/x.js'];
    expect(await gatherLicences(root, paths)).toBe('@s/c 3.0.0 (ISC)\n\n');
  });

  it('refuses a package that names no licence', async () => {
    await expect(gatherLicences(root, ['node_modules/none/x.js'])).rejects.toThrow('none 1.0.0 names no licence');
  });
});
