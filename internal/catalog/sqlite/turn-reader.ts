import type { Connection } from './connection.ts';

/** A connection for queries whose reads share snapshots. */
export interface TurnReader extends Connection {
  /** What is read from now on sees what has been committed until now. */
  renew(): void;
  /** Of the snapshot that is read now: under the same number a query has the same answer. */
  version(): number;
}

/**
 * Queries of one turn of the event loop read one snapshot, since to begin and end a transaction takes SQLite twice as
 * long as to find a row. It ends before the loop waits for anything, so that no reader keeps the write-ahead log from
 * starting over; and, by `renew`, before anybody hears that a command of this process has committed. A commit of another
 * process is seen from the next turn on: whoever was told of it sends what he asks then later than what this turn answers.
 */
export function createTurnReader(connection: Connection): TurnReader {
  let isOpen = false;
  let version: number | undefined;

  function renew(): void {
    if (!isOpen) return;
    isOpen = false;
    version = undefined;
    if (connection.inTransaction()) connection.exec('commit'); // some failures have ended it
  }

  function read<Answer>(ask: () => Answer): Answer {
    if (!isOpen) {
      connection.exec('begin');
      isOpen = true;
      setImmediate(renew);
    }
    try {
      return ask();
    } catch (error) {
      renew();
      throw error;
    }
  }

  return {
    ...connection,
    execute: (step) => read(() => connection.execute(step)),
    version: () => (version ??= read(connection.version)),
    renew,
    close() {
      renew();
      connection.close();
    },
  };
}
