import { readConfigFile, watchFile, type WatchOptions } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import { parseFileUsers, type FileUsers } from './users-file.ts';

/** The users of a file, as they are by now. */
export interface FileUsersSource {
  current(): FileUsers;
}

/**
 * Reads the file, and again after each change until the signal; throws an Error where it cannot be read at first. A
 * broken new file keeps the old users, and is told once.
 */
export async function openUsersFile(
  path: string,
  log: Logger,
  { signal, ...watch }: WatchOptions,
): Promise<FileUsersSource> {
  let current = await readUsers(path);
  const reload = async (): Promise<void> => {
    try {
      current = await readUsers(path);
      log.info('Users read again', { file: path, users: current.users.size });
    } catch (error) {
      log.error('The file of users cannot be used: those that it had before stay', { file: path, error });
    }
  };
  watchFile(path, () => void reload(), { signal, ...watch });
  return { current: () => current };
}

async function readUsers(path: string): Promise<FileUsers> {
  const tree = await readConfigFile(path, path);
  if (tree === undefined) throw new Error(`auth.users_file: there is no file ${path}`);
  try {
    return parseFileUsers(tree);
  } catch (cause) {
    throw new Error(`auth.users_file: ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
