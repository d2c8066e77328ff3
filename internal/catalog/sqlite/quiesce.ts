import { openConnection, type Connection } from './connection.ts';
import { isBusy } from './failures.ts';

/** Whether a catalog's file is nobody's just now; `unreadable`: whatever it is, it is no catalog that can be opened. */
export type FileUse = 'free' | 'in use' | 'unreadable';

/**
 * Looks whether any process has the file open, and where none has, leaves all of the catalog in that one file: the
 * write-ahead log and its index are gone, so that it can be moved. The file must be there.
 */
export function quiesce(path: string): FileUse {
  let connection: Connection | undefined;
  try {
    connection = openConnection(path, 0);
    // Only a connection that is alone can leave the write-ahead log.
    const [state] = connection.ask('pragma journal_mode = delete');
    return state?.['journal_mode'] === 'delete' ? 'free' : 'in use';
  } catch (error) {
    return isBusy(error) ? 'in use' : 'unreadable';
  } finally {
    connection?.close();
  }
}
