import { readConfigFile, watchFile, type WatchOptions } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import { parseFileUsers, type FileRoles, type FileUsers } from './users-file.ts';

/** The users of a file, as they are by now. */
export interface FileUsersSource {
  current(): FileUsers;
}

export interface UsersFileOptions extends WatchOptions {
  /** Told what to call when somebody asks for the file to be read again. */
  readonly onHangUp?: (reload: () => void) => void;
  readonly roles?: FileRoles | undefined;
}

/**
 * Reads the file, and again after each change until the signal, and when it is asked for; throws an Error where it cannot be read at first. A
 * broken new file keeps the old users, and is told once.
 */
export async function openUsersFile(
  path: string,
  log: Logger,
  { onHangUp, roles, ...watch }: UsersFileOptions,
): Promise<FileUsersSource> {
  const read = async (): Promise<FileUsers> => {
    const users = await readUsers(path, roles);
    if (users.repeated.length > 0) {
      log.warn('The file of users names some more than once: the last one counts', {
        file: path,
        users: users.repeated,
      });
    }
    return users;
  };
  let current = await read();
  const reload = async (): Promise<void> => {
    try {
      current = await read();
      log.info('Users read again', { file: path, users: current.users.size });
    } catch (error) {
      log.error('The file of users cannot be used: those that it had before stay', { file: path, error });
    }
  };
  watchFile(path, () => void reload(), watch);
  onHangUp?.(() => void reload());
  return { current: () => current };
}

async function readUsers(path: string, roles: FileRoles | undefined): Promise<FileUsers> {
  const tree = await readConfigFile(path, path);
  if (tree === undefined) throw new Error(`auth.users_file: there is no file ${path}`);
  try {
    return parseFileUsers(tree, roles);
  } catch (cause) {
    throw new Error(`auth.users_file: ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
