import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

// Jest runs the very text that Node runs: types are blanked out in place, so lines and columns stay the source's own.
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: (source, path) =>
    createHash('sha1').update(process.version).update(path).update('\0').update(source).digest('hex'),
};
