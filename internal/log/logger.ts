import { pino, type Logger as Pino } from 'pino';
import { JSON_FORM, type Form } from './form.ts';
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

/** The logger of a process. Each record is one line that starts with time, level and msg. */
export function createLogger(options: LoggerOptions): RootLogger {
  const { level, format, write, now = Date.now, style = OWN_STYLE } = options;
  const sink = write ? undefined : openStdout((count) => logger.warn('Log records dropped', { count }));
  const emit = write ?? ((line: string) => sink?.write(line));
  const form = format === 'json' ? JSON_FORM : TEXT_FORM;
  const time = isoTime(now, style.withMilliseconds, form);
  const pairsOf = createLineWriter(form, style);
  let pairs = '';
  const instance = pino(
    {
      level,
      base: null,
      // Level and message are pairs of ours, since pino writes the one before the time and the other last.
      formatters: { level: () => ({}) },
      // pino writes this text first, as it is, and adds nothing: so a line is put together once.
      timestamp: () => time() + pairs,
    },
    { write: format === 'json' ? emit : (line) => emit(`${line.slice(1, -2)}\n`) }, // without the braces
  );
  const put: Put = (entry) => {
    pairs = pairsOf(entry);
    instance[entry.level](NOTHING);
  };
  const logger = new PinoLogger(instance, put, style.fields);
  return Object.assign(logger, { flush: () => flush(sink) });
}

type Put = (entry: Entry) => void;

const NOTHING = {};

class PinoLogger implements Logger {
  readonly #pino: Pino;
  readonly #put: Put;
  readonly #bound: Fields | undefined;

  constructor(instance: Pino, put: Put, bound: Fields) {
    this.#pino = instance;
    this.#put = put;
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
    return new PinoLogger(this.#pino, this.#put, { ...this.#bound, ...fields });
  }

  #log(level: Entry['level'], message: string, fields: Fields | undefined): void {
    if (this.#pino.isLevelEnabled(level)) this.#put({ level, message, bound: this.#bound, fields });
  }
}

function isoTime(now: () => number, withMilliseconds: boolean, form: Form): () => string {
  let lastMs = Number.NaN;
  let text = '';
  return () => {
    const ms = now();
    if (ms !== lastMs) {
      lastMs = ms;
      const iso = new Date(ms).toISOString();
      text = form.name('time') + form.string(withMilliseconds ? iso : iso.replace(/\.\d+Z$/, 'Z'));
    }
    return text;
  };
}

function openStdout(onDropped: (count: number) => void): LineSink {
  // As a stream stdout is non-blocking where it is a pipe: a reader that stalls stops neither requests nor the exit.
  process.stdout.on('error', () => undefined); // the reader is gone: each write tells so, a server goes on
  const sink = new LineSink(process.stdout satisfies Output, { onDropped });
  process.on('exit', () => sink.drainNow());
  return sink;
}

async function flush(sink: LineSink | undefined): Promise<void> {
  if (!sink) return;
  const waited = Promise.withResolvers<void>();
  const timer = setTimeout(waited.resolve, FLUSH_TIMEOUT_MS);
  await Promise.race([sink.drained(), waited.promise]);
  clearTimeout(timer);
}
