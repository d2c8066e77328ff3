import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { IS_DIST } from './server-process.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** The commands of a section (`## Foundry`) of a page, as they stand there. */
export function commandsOf(page: string, section: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const level = /^#+/.exec(section)?.[0].length ?? 1;
  const from = text.indexOf(`${section}\n`);
  if (from < 0) throw new Error(`${page} has no section ${section}`);
  const rest = text.slice(from + section.length);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  const blocks = [...(end < 0 ? rest : rest.slice(0, end)).matchAll(/```sh\n(.*?)```/gs)];
  return blocks.map(([, block]) => block).join('');
}

/** A folder for the PATH in which our programs are as an installed package has them. */
export async function installPrograms(folder: string, names: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const main = join(ROOT, IS_DIST ? `dist/cmd/${name}/main.js` : `cmd/${name}/main.ts`);
    await writeFile(join(folder, name), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
  }
  return folder;
}
