import { join, resolve } from 'node:path';
import { bundlePrograms } from './bundle.ts';

/*
 * The last step of `npm run build`: puts each program and what it loads into few files below `dist/bundle`, and has the
 * program's own file in `dist` start from there. Loading hundreds of small modules is most of a start.
 */

const ROOT = resolve(import.meta.dirname, '../..');
const { programs, files, bytes } = await bundlePrograms(ROOT, join(ROOT, 'dist'));
process.stdout.write(`dist/bundle: ${programs.join(', ')} in ${files} files, ${(bytes / 1e6).toFixed(1)} MB\n`);
