/** Plain values of one log record. Credentials and upload URLs never are among them. */
export type Fields = Readonly<Record<string, unknown>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'json' | 'text';

/** Structured records on stdout, JSON or text (octoserve contract, section 7). */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  /** `error` in the fields may be an Error: message, stack and causes are written. */
  error(message: string, fields?: Fields): void;
  /** A logger that adds these fields to each record. */
  child(fields: Fields): Logger;
}

/** How records are written for who reads the logs of another system. */
export interface LogStyle {
  /** Each has the message: `['message', 'msg']`. */
  readonly messageKeys: readonly string[];
  readonly levelOf: (level: LogLevel | 'fatal') => string;
  readonly withMilliseconds: boolean;
  /** In each record. */
  readonly fields: Fields;
}

/** The logger that owns the output; its children share it. */
export interface RootLogger extends Logger {
  /** Why the process ends: an error that it cannot go on with. */
  fatal(message: string, fields?: Fields): void;
  /** Resolves when every record so far was handed to the output, or gives up after two seconds on one that is stuck. */
  flush(): Promise<void>;
}
