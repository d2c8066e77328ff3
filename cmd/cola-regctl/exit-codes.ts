import { CliError, type ExitCode } from '../../internal/cli/index.ts';

// cola contract, section 9.1
export const FAILED: ExitCode = 1;
export const INVALID: ExitCode = 2;
const NOT_FOUND: ExitCode = 3;
const CONFLICT: ExitCode = 4;
export const NOT_LOGGED_IN: ExitCode = 5;
const FORBIDDEN: ExitCode = 6;

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  401: NOT_LOGGED_IN,
  403: FORBIDDEN,
  404: NOT_FOUND,
  409: CONFLICT,
};

/** The exit code of an answer that is no success. */
export function exitCodeOf(status: number): ExitCode {
  return BY_STATUS[status] ?? (status >= 400 && status < 500 ? INVALID : FAILED);
}

/** Arguments that the parser accepts and that still cannot be meant. */
export const invalid = (message: string, hint?: string): CliError =>
  new CliError(message, { exitCode: INVALID, ...(hint !== undefined && { hint }) });
