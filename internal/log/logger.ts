import { Socket } from 'node:net';
import { pino, type Logger as Pino } from 'pino';
import { Backlog } from './backlog.ts';
import { JSON_FORM } from './form.ts';
import { LineSink, type Output } from './line-sink.ts';
import { createLineWriter, type Entry } from './line.ts';
import { TEXT_FORM } from './text.ts';
import type { Fields, LogFormat, Logger, LogLevel, LogStyle, RootLogger } from './types.ts';

export interface LoggerOptions {
  /** Records below it cost a comparison and are not written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Where records go, each with its newline; the process's stdout, buffered and bounded, unless given. */
  readonly write?: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** The product's own unless given. */
  readonly style?: LogStyle | undefined;
}

const OWN_STYLE: LogStyle = {
  messageKeys: ['msg'],
  levelOf: (level) => (level === 'fatal' ? 'ERROR' : level.toUpperCase()),
  withMilliseconds: true,
  fields: {},
};

const FLUSH_TIMEOUT_MS = 2000;
// A write of up to PIPE_BUF bytes to a pipe is atomic: lines of several workers that share stdout never mix. Of those to
// a file the system lets one end before the next.
const PIPE_BYTES = 4096;
const FILE_BYTES = 64 * 1024;

/** The logger of a process. Each record is one line that starts with time, level and msg. */
export function createLogger(options: LoggerOptions): RootLogger {
  const { level, format, write, now = Date.now, style = OWN_STYLE } = options;
  const lineOf = createLineWriter(format === 'json' ? JSON_FORM : TEXT_FORM, style);
  let line = '';
  const emit = write ?? ((text: string) => sink?.write(text));
  const instance = pino(
    {
      level,
      base: null,
      formatters: { level: () => ({}) }, // a pair of ours: pino would write it before the time
      timestamp: () => line, // which pino writes first, as it is; and nothing after it
    },
    { write: format === 'json' ? emit : (object) => emit(`${object.slice(1, -2)}\n`) }, // without the braces
  );
  const writeEntry = (entry: Entry): void => {
    line = lineOf(entry);
    instance[entry.level](NOTHING);
  };
  // Whoever takes lines itself gets each at once.
  const backlog = write ? undefined : new Backlog({ write: writeEntry });
  const put = backlog ? (entry: Entry) => backlog.put(entry) : writeEntry;
  const logger = new PinoLogger({ instance, now, put }, style.fields);
  const sink = backlog && openStdout(backlog, (count) => logger.warn('Log records dropped', { count }));
  return Object.assign(logger, {
    async flush() {
      backlog?.writeAll();
      await drained(sink);
    },
  });
}

/** What a logger shares with its children. */
interface Shared {
  readonly instance: Pino;
  readonly now: () => number;
  readonly put: (entry: Entry) => void;
}

const NOTHING = {};

class PinoLogger implements Logger {
  readonly #shared: Shared;
  readonly #bound: Fields | undefined;

  constructor(shared: Shared, bound: Fields) {
    this.#shared = shared;
    this.#bound = Object.keys(bound).length > 0 ? bound : undefined;
  }

  debug(message: string, fields?: Fields): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields?: Fields): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields?: Fields): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields?: Fields): void {
    this.#log('error', message, fields);
  }

  fatal(message: string, fields?: Fields): void {
    this.#log('fatal', message, fields);
  }

  child(fields: Fields): Logger {
    return new PinoLogger(this.#shared, { ...this.#bound, ...fields });
  }

  #log(level: Entry['level'], message: string, fields: Fields | undefined): void {
    const { instance, now, put } = this.#shared;
    if (instance.isLevelEnabled(level)) put({ level, timeMs: now(), message, bound: this.#bound, fields });
  }
}

function openStdout(backlog: Backlog, onDropped: (count: number) => void): LineSink {
  // As a stream stdout is non-blocking where it is a pipe: a reader that stalls stops neither requests nor the exit.
  process.stdout.on('error', () => undefined); // the reader is gone: each write tells so, a server goes on
  const isPipe = process.stdout instanceof Socket; // or a terminal; else it is a file
  const sink = new LineSink(process.stdout satisfies Output, {
    onDropped,
    chunkBytes: isPipe ? PIPE_BYTES : FILE_BYTES,
  });
  process.on('exit', () => {
    backlog.writeAll();
    sink.drainNow();
  });
  return sink;
}

async function drained(sink: LineSink | undefined): Promise<void> {
  if (!sink) return;
  const waited = Promise.withResolvers<void>();
  const timer = setTimeout(waited.resolve, FLUSH_TIMEOUT_MS);
  await Promise.race([sink.drained(), waited.promise]);
  clearTimeout(timer);
}
