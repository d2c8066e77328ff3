import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { completionScript, type Completed } from './completion.ts';
import type { Command } from './types.ts';

const command = (name: string, flags: readonly string[] = []): Command => ({
  name,
  summary: '',
  example: '',
  options: flags.map((text) => ({ flags: text, doc: '' })),
  run: async () => 0,
});

const TOOL: Completed = {
  name: 'a-tool',
  options: [{ flags: '-u, --url <url>', doc: '' }],
  commands: [
    command('serve', ['--port <n>']),
    command('registry create', ['--admin <name>']),
    command('registry list'),
  ],
};

/** What bash offers behind these words, of which the last is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', TOOL)}
COMP_WORDS=(a-tool "$@"); COMP_CWORD=$#; _a_tool; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const shown = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return shown.split('\n').filter((line) => line !== '');
}

describe('the completion of bash', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[''], ['serve', 'registry', '-u', '--url', '--help']],
    [['reg'], ['registry']],
    [
      ['registry', ''],
      ['create', 'list', '-u', '--url', '--help'],
    ],
    [['registry', 'create', '--ad'], ['--admin']],
    [['--json', 'registry', 'cr'], ['create']],
    [['registry', 'create', 'name', '--ad'], ['--admin']],
    [['registry', 'list', '--ad'], []],
    [['serve', '--p'], ['--port']],
    [['nonsense', 're'], ['registry']],
  ])('offers behind %j: %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

describe('the completion of zsh', () => {
  it('is that of bash, behind what lets zsh take it', () => {
    const script = completionScript('zsh', TOOL);
    expect(script).toMatch(/^#compdef a-tool\n/);
    expect(script).toContain('bashcompinit');
    expect(script).toContain('complete -o default -F _a_tool a-tool');
  });
});

describe('the completion of fish', () => {
  const lines = completionScript('fish', TOOL).split('\n');
  it.each([
    [`complete -c a-tool -f -n '__fish_use_subcommand' -a registry`],
    [
      `complete -c a-tool -f -n '__fish_seen_subcommand_from registry; and not __fish_seen_subcommand_from create list' -a create`,
    ],
    [`complete -c a-tool -n '__fish_seen_subcommand_from registry; and __fish_seen_subcommand_from create' -l admin`],
    ['complete -c a-tool -l url'],
    ['complete -c a-tool -s u'],
  ])('has %j', (line) => {
    expect(lines).toContain(line);
  });
});

describe('a program that is installed under two names', () => {
  it.each([
    ['bash', 'complete -o default -F _a_tool a-tool tool'],
    ['zsh', '#compdef a-tool tool\n'],
    ['fish', 'complete -c tool -w a-tool\n'],
  ] as const)('is completed under both by %s', (shell, line) => {
    expect(completionScript(shell, { ...TOOL, aliases: ['tool'] })).toContain(line);
  });
});
