import type { Writer } from './types.ts';

/** The part of a process's stream that a writer needs. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string, done: (error?: NodeJS.ErrnoException | null) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/**
 * A stream of the process as commands write to it. A reader that has seen enough (`| head -1`) is no failure;
 * any other is told to `onFailure`: a result that nobody got must not look like success.
 */
export function createWriter(stream: Stream, onFailure: (error: Error) => void): Writer {
  stream.on('error', () => undefined); // told by the write too; without a listener the event would end the process
  let last: Promise<void> = Promise.resolve();
  return {
    isTTY: stream.isTTY === true,
    ...(stream.columns !== undefined && { columns: stream.columns }),
    write: (text) => {
      last = new Promise((resolve) => {
        stream.write(text, (error) => {
          if (error && error.code !== 'EPIPE') onFailure(error);
          resolve();
        });
      });
    },
    flushed: () => last,
  };
}
