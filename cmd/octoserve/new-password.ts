import { CliError, UsageError, type Io } from '../../internal/cli/index.ts';

/** A password from the standard input: typed twice on a terminal, else its first line. */
export async function readNewPassword({ stdin }: Io, name: string): Promise<string> {
  if (!stdin) throw new UsageError('there is no standard input to read a password from');
  const first = await stdin.secret(`New password of ${name}: `);
  if (first === undefined || first === '') throw new CliError('No password was given');
  if (stdin.isTTY && (await stdin.secret('The same again: ')) !== first) {
    throw new CliError('That was not the same password');
  }
  return first;
}
