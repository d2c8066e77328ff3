import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Reader, Writer } from './types.ts';

/** The part of a process's stream that a reader needs. */
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * The standard input of the process: lines, and secrets that a terminal does not show. Make one and keep it: what a
 * pipe holds beyond the first line is read along with it, and waits here for the next question.
 */
export function createReader(stream: InputStream, prompts: Writer): Reader {
  const isTTY = stream.isTTY === true;
  let piped: PipedLines | undefined;
  const readPiped = (): Promise<string | undefined> => (piped ??= readLines(stream)).next();

  /** One line of a person; undefined where Ctrl-C or Ctrl-D ends it. */
  function readTyped(hidden: boolean): Promise<string | undefined> {
    // A terminal shows what readline writes to its output: to this one it may write what it wants.
    const output = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: stream, crlfDelay: Infinity, ...(hidden && { output, terminal: true }) });
    return new Promise((resolve) => {
      lines.once('line', (line) => {
        resolve(line);
        lines.close();
      });
      lines.once('SIGINT', () => lines.close());
      lines.once('close', () => resolve(undefined));
    });
  }

  return {
    isTTY,
    secret: async (prompt) => {
      if (!isTTY) return readPiped();
      prompts.write(prompt);
      const text = await readTyped(true);
      prompts.write('\n');
      return text;
    },
    line: async (prompt) => {
      if (!isTTY) return readPiped();
      prompts.write(prompt);
      return readTyped(false);
    },
  };
}

interface PipedLines {
  next(): Promise<string | undefined>;
}

/** Lines as they are asked for; between questions the stream rests, so that it keeps no process from ending. */
function readLines(stream: InputStream): PipedLines {
  const lines = createInterface({ input: stream, crlfDelay: Infinity }).pause();
  const come: string[] = [];
  let isOver = false;
  let onLine = (): void => undefined;
  lines.on('line', (line) => {
    come.push(line);
    onLine();
  });
  lines.once('close', () => {
    isOver = true;
    onLine();
  });
  return {
    next: async () => {
      if (come.length === 0 && !isOver) {
        const { promise, resolve } = Promise.withResolvers<void>();
        onLine = resolve;
        lines.resume();
        await promise;
        if (!isOver) lines.pause();
      }
      return come.shift();
    },
  };
}
