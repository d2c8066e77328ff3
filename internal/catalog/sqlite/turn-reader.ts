import type { Connection } from './connection.ts';

/** A connection for queries whose reads share snapshots. */
export interface TurnReader extends Connection {
  /** What is read from now on sees what has been committed until now. */
  renew(): void;
}

/**
 * Queries of one turn of the event loop read one snapshot, since to begin and end a transaction takes SQLite twice as
 * long as to find a row. It ends before the loop waits for anything, so that no reader keeps the write-ahead log from
 * starting over; and, by `renew`, before anybody hears that a command of this process has committed. A commit of another
 * process is seen from the next turn on: whoever was told of it sends what he asks then later than what this turn answers.
 */
export function createTurnReader(connection: Connection): TurnReader {
  let isOpen = false;

  function renew(): void {
    if (!isOpen) return;
    isOpen = false;
    if (connection.inTransaction()) connection.exec('commit'); // some failures have ended it
  }

  return {
    ...connection,
    execute(step) {
      if (!isOpen) {
        connection.exec('begin');
        isOpen = true;
        setImmediate(renew);
      }
      try {
        return connection.execute(step);
      } catch (error) {
        renew();
        throw error;
      }
    },
    renew,
    close() {
      renew();
      connection.close();
    },
  };
}
