import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { attempt, orAbsent } from './failures.ts';

/** Whether one of the folders is the other, or in it, over links. Neither need be there. */
export async function foldersOverlap(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([placeOf(resolve(a)), placeOf(resolve(b))]);
  const inside = (path: string, folder: string): boolean =>
    `${path}${sep}`.startsWith(folder === sep ? sep : `${folder}${sep}`);
  return inside(first, second) || inside(second, first);
}

/** The path without links, as far as it is there. */
async function placeOf(path: string): Promise<string> {
  const found = await attempt(`look at ${path}`, () => orAbsent(realpath(path)));
  if (found !== undefined || dirname(path) === path) return found ?? path;
  return join(await placeOf(dirname(path)), basename(path));
}
