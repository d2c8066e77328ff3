import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openTempFolder } from '../testing/temp-folder.ts';
import { findThreads } from './threads.ts';

const ROOT = join(import.meta.dirname, '../..');
const naming = (thread: string): string =>
  `const program = new URL(\`./${thread}\${extname(import.meta.filename)}\`, import.meta.url);\n`;

const folder = await openTempFolder('threads');
afterAll(() => folder.remove());
let trees = 0;

function makeTree(files: Readonly<Record<string, string>>): string {
  const root = join(folder.path, String(++trees));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('findThreads', () => {
  it('finds the writer of the catalog, and whoever hashes', async () => {
    expect(await findThreads(ROOT)).toEqual(
      expect.arrayContaining(['internal/catalog/sqlite/writer.ts', 'internal/storage/hash-worker.ts']),
    );
  });

  it('finds each beside the file that starts it, and none that only tests start', async () => {
    const root = makeTree({
      'internal/a/b/start.ts': `${naming('far-worker')}${naming('near-worker')}`,
      'internal/a/start.test.ts': naming('tested'),
      'internal/testing/start.ts': naming('testing'),
      'internal/plain.ts': 'export const plain = 1;\n',
    });
    expect(await findThreads(root)).toEqual(['internal/a/b/far-worker.ts', 'internal/a/b/near-worker.ts']);
  });

  it('refuses two of one name, of which a folder could hold one', async () => {
    const root = makeTree({ 'internal/a/start.ts': naming('worker'), 'internal/b/start.ts': naming('worker') });
    await expect(findThreads(root)).rejects.toThrow('internal/a/worker.ts and internal/b/worker.ts would be one file');
  });
});
