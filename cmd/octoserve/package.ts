import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version in our package.json. */
export const VERSION = readVersion(import.meta.dirname);

/** What `-version` prints (octoserve contract, section 2). */
export const VERSION_LINE = `octoserve v${VERSION} - Minimal OCI Registry`;

/** Upwards to our package.json: it is nearer for the sources than for `dist`, in a checkout and installed. */
function readVersion(folder: string): string {
  const found = readPackage(join(folder, 'package.json'));
  if (found?.name === 'octoserve') return found.version;
  if (dirname(folder) === folder) throw new Error('octoserve is not where its package.json is');
  return readVersion(dirname(folder));
}

function readPackage(path: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
