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

/** The logger that owns the output; its children share it. */
export interface RootLogger extends Logger {
  /** Resolves when every record so far was handed to the output, or gives up after two seconds on one that is stuck. */
  flush(): Promise<void>;
}
