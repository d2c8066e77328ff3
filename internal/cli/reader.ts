import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Reader, Writer } from './types.ts';

/** The part of a process's stream that a reader needs. */
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** The standard input of the process: a line, or a secret that a terminal does not show. */
export function createReader(stream: InputStream, prompts: Writer): Reader {
  const isTTY = stream.isTTY === true;

  /** One line, and no more of the stream; undefined where it ends before, or Ctrl-C ends it. */
  function readLine(hidden: boolean): Promise<string | undefined> {
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
      if (!isTTY) return readLine(false);
      prompts.write(prompt);
      const text = await readLine(true);
      prompts.write('\n');
      return text;
    },
  };
}
