import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How the sources name a thread's program, which is no import that a bundler would see. */
const NAMED = /new URL\(`\.\/([\w-]+)\$\{extname\(import\.meta\.filename\)\}`, import\.meta\.url\)/g;

/** The programs of all threads that the sources start, as paths from `root`. Throws where two have one name. */
export async function findThreads(root: string): Promise<readonly string[]> {
  const found = new Map<string, string>();
  const sources = globSync('internal/**/*.ts', { cwd: root, exclude: isNoSource });
  for (const path of sources.toSorted()) {
    for (const [, name = ''] of (await readFile(join(root, path), 'utf8')).matchAll(NAMED)) {
      const thread = join(dirname(path), `${name}.ts`);
      const other = found.get(name);
      if (other !== undefined) throw new Error(`${other} and ${thread} would be one file: rename one of them`);
      found.set(name, thread);
    }
  }
  return [...found.values()];
}

const isNoSource = (path: string): boolean => basename(path) === 'testing' || /\.(test|suite)\.ts$/.test(path);
