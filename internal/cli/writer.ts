import type { Writer } from './types.ts';

/** The part of a process's stream that a writer needs. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string, done: (error?: NodeJS.ErrnoException | null) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/**
 * A stream of the process as commands write to it. A reader that has seen enough (`| head -1`) is no failure; any other
 * is told to `onFailure`, once: a result that nobody got must not look like success. What comes after is dropped.
 */
export function createWriter(stream: Stream, onFailure: (error: Error) => void): Writer {
  stream.on('error', () => undefined); // told by the write too; without a listener the event would end the process
  let isBroken = false;
  let last: Promise<void> = Promise.resolve();

  function end(error: NodeJS.ErrnoException): void {
    if (!isBroken && error.code !== 'EPIPE') onFailure(error);
    isBroken = true;
  }

  return {
    isTTY: stream.isTTY === true,
    ...(stream.columns !== undefined && { columns: stream.columns }),
    write: (text) => {
      if (isBroken) return;
      last = new Promise((resolve) => {
        stream.write(text, (error) => {
          if (error) end(error);
          resolve();
        });
      });
    },
    flushed: async () => {
      await last;
      return !isBroken;
    },
  };
}
