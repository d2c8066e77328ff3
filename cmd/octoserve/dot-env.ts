import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** The variables of `.env` in a folder, none where there is no such file. The real environment is to win over them. */
export function readDotEnv(folder: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'));
  } catch (error) {
    // A folder of that name is a virtual environment of Python, not ours to read.
    if (['ENOENT', 'EISDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return {};
    throw error;
  }
}
