import { pino, type Logger as Pino } from 'pino';
import { LineSink, type Output } from './line-sink.ts';
import { addFields } from './record.ts';
import { formatText } from './text.ts';
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
  const logger = new PinoLogger(
    pino(
      {
        level,
        base: null,
        errorKey: '', // errors are taken apart in record.ts
        // pino writes level before time; the contract's order is time, level, msg. So the level is a field of
        // ours, and the text of the time begins the object.
        formatters: { level: () => ({}) },
        timestamp: isoTime(now, style.withMilliseconds),
      },
      { write: format === 'json' ? emit : (line) => emit(formatText(JSON.parse(line) as Record<string, unknown>)) },
    ),
    style,
    style.fields,
  );
  return Object.assign(logger, { flush: () => flush(sink) });
}

class PinoLogger implements Logger {
  readonly #pino: Pino;
  readonly #style: LogStyle;
  readonly #bound: Fields;

  constructor(instance: Pino, style: LogStyle, bound: Fields) {
    this.#pino = instance;
    this.#style = style;
    this.#bound = bound;
  }

  debug(message: string, fields?: Fields): void {
    if (this.#pino.isLevelEnabled('debug')) this.#pino.debug(this.#record('debug', message, fields));
  }

  info(message: string, fields?: Fields): void {
    if (this.#pino.isLevelEnabled('info')) this.#pino.info(this.#record('info', message, fields));
  }

  warn(message: string, fields?: Fields): void {
    if (this.#pino.isLevelEnabled('warn')) this.#pino.warn(this.#record('warn', message, fields));
  }

  error(message: string, fields?: Fields): void {
    this.#pino.error(this.#record('error', message, fields));
  }

  fatal(message: string, fields?: Fields): void {
    this.#pino.fatal(this.#record('fatal', message, fields));
  }

  child(fields: Fields): Logger {
    return new PinoLogger(this.#pino, this.#style, { ...this.#bound, ...fields });
  }

  #record(level: LogLevel | 'fatal', message: string, fields: Fields | undefined): Record<string, unknown> {
    const { messageKeys, levelOf } = this.#style;
    const record: Record<string, unknown> = { level: levelOf(level) };
    for (const key of messageKeys) record[key] = message;
    const withStack = level === 'error' || level === 'fatal';
    addFields(record, this.#bound, withStack);
    if (fields) addFields(record, fields, withStack);
    return record;
  }
}

function isoTime(now: () => number, withMilliseconds: boolean): () => string {
  let lastMs = Number.NaN;
  let text = '';
  return () => {
    const ms = now();
    if (ms !== lastMs) {
      lastMs = ms;
      const iso = new Date(ms).toISOString();
      text = `"time":"${withMilliseconds ? iso : iso.replace(/\.\d+Z$/, 'Z')}"`;
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
