import fs from 'node:fs';
import { FILE_SYSTEM, statOf, type FileSystem } from './file-system.ts';

/**
 * The operating system's own, for a thread that has nothing else to do: short calls are made at once, which is a tenth
 * of what handing each to a pool of threads costs. Only syncs, which may take long, are handed on, so that several go on
 * at one time.
 */
export const BLOCKING: FileSystem = {
  files: {
    ...FILE_SYSTEM.files,
    open: async (path, flags, mode) => fs.openSync(path, flags, mode),
    close: async (file) => fs.closeSync(file),
    write: async (file, bytes, position) => fs.writeSync(file, bytes, 0, bytes.length, position),
  },
  paths: {
    ...FILE_SYSTEM.paths,
    stat: async (path) => statOf(fs.lstatSync(path)),
    mkdir: async (path, mode) => fs.mkdirSync(path, mode),
    rename: async (from, to) => fs.renameSync(from, to),
    unlink: async (path) => fs.unlinkSync(path),
  },
};
