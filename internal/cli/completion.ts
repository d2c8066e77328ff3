import type { Command, CommandOption } from './types.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow some words of a command line: the words of commands, and the flags. */
interface Place {
  /** The words before: empty, `registry`, or `registry create`. */
  readonly path: string;
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** The part of a program that completion is about. */
export interface Completed {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly options?: readonly CommandOption[];
  readonly commands: readonly Command[];
}

/** A script for a shell, to be sourced: it completes commands and flags, and else names of files. */
export function completionScript(shell: Shell, program: Completed): string {
  const places = listPlaces(program);
  const names = [program.name, ...(program.aliases ?? [])] as const;
  switch (shell) {
    case 'bash':
      return bash(names, places);
    case 'zsh':
      return zsh(names, places);
    case 'fish':
      return fish(names, places);
    default:
      return shell satisfies never;
  }
}

function listPlaces({ options = [], commands }: Completed): readonly Place[] {
  const paths = new Set(['']);
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    paths.add(first);
    if (second !== undefined) paths.add(name);
  }
  const everywhere = [...options.flatMap(namesOf), '--help'];
  return [...paths].map((path) => {
    const depth = path === '' ? 0 : path.split(' ').length;
    const below = commands.filter(({ name }) => path === '' || name.startsWith(`${path} `));
    const words = [...new Set(below.map(({ name }) => name.split(' ')[depth] ?? ''))];
    const own = commands.find(({ name }) => name === path)?.options ?? [];
    return { path, words, flags: [...own.flatMap(namesOf), ...everywhere] };
  });
}

/** `-y, --yes` and `--url <url>` without what they mean. */
const namesOf = ({ flags }: CommandOption): readonly string[] => flags.match(/(?<=^|\s)--?[\w-]+/g) ?? [];

/** The program's, then others under which it is installed. */
type Names = readonly [string, ...string[]];

const functionOf = (name: string): string => `_${name.replaceAll('-', '_')}`;

/** The longest path that the words of the line begin with decides; flags between them count for nothing. */
function bash([name, ...aliases]: Names, places: readonly Place[]): string {
  const cases = places.map(({ path, words, flags }) => `    '${path}') offer='${[...words, ...flags].join(' ')}' ;;`);
  return `# bash completion of ${name}: source <(${name} completion bash)
${functionOf(name)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' word offer=''
  local known=' ${paths(places).join(' | ')} '
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    [[ $known == *"| \${path:+$path }$word |"* ]] || break
    path="\${path:+$path }$word"
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offer" -- "$current"))
}
complete -o default -F ${functionOf(name)} ${[name, ...aliases].join(' ')}
`;
}

const paths = (places: readonly Place[]): readonly string[] => ['', ...places.map(({ path }) => path), ''];

function zsh(names: Names, places: readonly Place[]): string {
  const [name] = names;
  return `#compdef ${names.join(' ')}
# zsh completion of ${name}: source <(${name} completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash(names, places)}`;
}

function fish([name, ...aliases]: Names, places: readonly Place[]): string {
  const root = places.find(({ path }) => path === '');
  const lines = places.flatMap(({ path, words, flags }) => {
    const [first, second] = path.split(' ');
    const seen = second === undefined ? [first] : [first, second];
    const isHere = path === '' ? '__fish_use_subcommand' : seen.map((word) => `__fish_seen_subcommand_from ${word}`);
    const isBelow = words.length > 0 && path !== '' ? [`not __fish_seen_subcommand_from ${words.join(' ')}`] : [];
    const when = [isHere, isBelow].flat().join('; and ');
    const own = path === '' ? [] : flags.filter((flag) => !root?.flags.includes(flag));
    return [
      ...words.map((word) => `complete -c ${name} -f -n '${when}' -a ${word}`),
      ...own.map((flag) => `complete -c ${name} -n '${when}' ${fishFlag(flag)}`),
    ];
  });
  const everywhere = (root?.flags ?? []).map((flag) => `complete -c ${name} ${fishFlag(flag)}`);
  const wrapped = aliases.map((alias) => `complete -c ${alias} -w ${name}`);
  return `# fish completion of ${name}: ${name} completion fish | source\n${[...lines, ...everywhere, ...wrapped].join('\n')}\n`;
}

const fishFlag = (flag: string): string => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`);
