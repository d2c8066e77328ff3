import { printable } from './output.ts';
import { createStyle } from './style.ts';
import type { ExitCode, Io } from './types.ts';

/** A failure that the user can do something about: what happened, and what to do. */
export class CliError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    message: string,
    { hint, exitCode = 1, cause }: { hint?: string; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'CliError';
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** A command line that cannot be meant: the program adds the help of the command, and ends with exit code 2. */
export class UsageError extends CliError {
  constructor(message: string) {
    super(message, { exitCode: 2 });
    this.name = 'UsageError';
  }
}

/** Says on stderr why a command failed, behind `prefix`, and gives its exit code. Only of a bug it shows where. */
export function reportFailure(error: unknown, io: Io, prefix = ''): ExitCode {
  const style = createStyle(io.stderr, io.env);
  if (error instanceof CliError) {
    io.stderr.write(
      `${style('red', `${prefix}${error.message}`)}\n${error.hint === undefined ? '' : `${error.hint}\n`}`,
    );
    return error.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : printable(String(error));
  io.stderr.write(`${style('red', 'Unexpected failure, which is a bug worth reporting:')}\n${trace}\n`);
  return 1;
}
