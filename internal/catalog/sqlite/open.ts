import { openConnection, type Connection } from './connection.ts';
import { insist, type Patience } from './insist.ts';
import { migrate } from './migrate.ts';

/**
 * Opens the file for writing, making it where there is none, and brings it to this program's schema. Its cost does not
 * depend on what is in the file. The connection is synchronous = FULL until a group says otherwise.
 */
export function openWriter(path: string, patience: Patience): Connection {
  const connection = openConnection(path, 0);
  try {
    insist(() => setUp(connection), patience);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function setUp(connection: Connection): void {
  // Asked first: to set it, even to what it is, can wait for another process's lock.
  if (connection.ask('pragma journal_mode')[0]?.['journal_mode'] !== 'wal') {
    connection.exec('pragma journal_mode = wal');
  }
  // A write-ahead log that once grew large gives its room back; fullfsync is for macOS, where fsync alone promises little.
  connection.exec('pragma journal_size_limit = 67108864; pragma fullfsync = on; pragma checkpoint_fullfsync = on');
  // Checkpoints are the writer's own (checkpoint.ts): SQLite's would come inside a commit that somebody waits for.
  connection.exec('pragma wal_autocheckpoint = 0');
  connection.exec('pragma synchronous = full; pragma cache_size = -16384; pragma temp_store = memory');
  migrate(connection);
}

/** Opens a file that a writer has brought up to date, for reading only. */
export function openReader(path: string): Connection {
  // Readers wait for nobody under a write-ahead log; the timeout is for its recovery after a crash of another process.
  const connection = openConnection(path, 1000);
  connection.exec('pragma query_only = on; pragma cache_size = -16384; pragma temp_store = memory');
  return connection;
}

/** A catalog of its own that is gone when it is closed. */
export function openMemory(): Connection {
  const connection = openConnection(':memory:', 0);
  migrate(connection);
  return connection;
}
