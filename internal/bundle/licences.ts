import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of the package that a file is of, up to and with its name; of nested ones the innermost. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const LICENCE = /^(licen[cs]e|copying|notice)/i;

/** The licences of all packages that the files are of, with name and version; throws where one brings none. */
export async function gatherLicences(root: string, paths: readonly string[]): Promise<string> {
  const folders = new Set(paths.flatMap((path) => PACKAGE.exec(path)?.[0] ?? []));
  const texts = await Promise.all([...folders].toSorted().map((folder) => describe(join(root, folder))));
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

async function describe(folder: string): Promise<string> {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const files = (await readdir(folder)).filter((file) => LICENCE.test(file)).toSorted();
  const { name, version, license } = about;
  if (files.length === 0 && license === undefined) throw new Error(`${name} ${version} names no licence`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return `${name} ${version} (${license})\n\n${texts.join('\n')}`;
}
