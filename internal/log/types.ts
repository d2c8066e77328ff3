/** Plain values of one log record. Credentials and upload URLs never are among them. */
export type Fields = Readonly<Record<string, unknown>>;

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
