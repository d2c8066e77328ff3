import { CliError, printable } from '../../internal/cli/index.ts';

/** The names of packages that the server listed. */
export function namesOf(answer: unknown): readonly string[] {
  if (!Array.isArray(answer)) throw new CliError('error: the answer is no list of packages');
  return answer.map((entry: unknown) => {
    const name = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined;
    return printable(String(name));
  });
}
