/** A format of log lines: how names and values are written in it. Whatever they hold, a line stays one line. */
export interface Form {
  /** Between two pairs. */
  readonly separator: string;
  /** The name of a pair, up to its value. */
  readonly name: (name: string) => string;
  readonly string: (value: string) => string;
  /** Any other value that JSON has a form for. */
  readonly other: (value: unknown) => string;
}

export const JSON_FORM: Form = {
  separator: ',',
  name: (name) => `${JSON.stringify(name)}:`,
  string: (value) => JSON.stringify(value),
  other: (value) => JSON.stringify(value),
};
