import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Program } from '../cli/index.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The command lines of a program that a page shows in its shell blocks. */
export async function commandLinesOf(page: string, program: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block.replaceAll('\\\n', ' '));
  return blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.split(/#|\|(?!\|)|&&/))
    .map((line) => line.trim())
    .filter((line) => line.startsWith(`${program} `));
}

/** What is wrong with a command line as it is shown: a command or a flag that there is not. */
export async function faultsOf(line: string, name: string, program: Program): Promise<readonly string[]> {
  const words = line.split(/\s+/).slice(1);
  const commands = words.filter((word) => /^[a-z][a-z-]*$/.test(word));
  const help = (await helpOf(program, commands.slice(0, 2))) ?? (await helpOf(program, commands.slice(0, 1)));
  if (help === undefined || !help.startsWith(`Usage: ${name} ${commands[0]}`)) return [`${line}: no such command`];
  return words
    .filter((word) => /^--?[a-z]/i.test(word) && !word.includes('.'))
    .map((word) => word.split('=')[0] ?? '')
    .filter((flag) => !new RegExp(`(?:^|[\\s,])${flag}(?=[\\s,<]|$)`, 'm').test(help))
    .map((flag) => `${line}: there is no ${flag}`);
}

/** The help of a command; undefined where these words are none. */
async function helpOf(program: Program, words: readonly string[]): Promise<string | undefined> {
  let help = '';
  const stdout = { write: (text: string) => (help += text) };
  await program.run([...words, '--help'], { stdout, stderr: { write: () => undefined }, env: {}, cwd: ROOT });
  const [, called = ''] = /^Usage: \S+ ((?:[a-z-]+ ?)*)/.exec(help) ?? [];
  return called.trim() === words.join(' ') ? help : undefined;
}
