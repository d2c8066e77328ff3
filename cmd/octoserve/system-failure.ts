import { CliError } from '../../internal/cli/index.ts';

/** The name that the operating system gave a failure, such as ENOSPC; undefined for what is none of its own. */
export function systemCodeOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null || !('syscall' in failure && 'code' in failure)) return undefined;
  return typeof failure.code === 'string' ? failure.code : undefined;
}

/** Does something with a file or folder that the user named; where the operating system refuses, `what` and its code are said. */
export async function namingFailures<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    const code = systemCodeOf(cause);
    throw code === undefined ? cause : new CliError(`${what}: ${code}`, { cause });
  }
}
