import { describe, expect, it } from '@jest/globals';
import { CliError, UsageError } from './failure.ts';
import { createProgram } from './program.ts';
import type { Command, CommandInput, ProgramSpec } from './types.ts';

async function run(argv: string[], fail?: Error, spec: Partial<ProgramSpec> = {}) {
  const ran: [string, CommandInput][] = [];
  const command = (name: string, more: Partial<Command> = {}): Command => ({
    name,
    summary: `Does ${name}.`,
    example: `tool ${name}`,
    run: async (input) => {
      ran.push([name, input]);
      if (fail) throw fail;
      return name === 'check' ? 1 : 0;
    },
    ...more,
  });
  const program = createProgram({
    name: 'tool',
    description: 'A tool.',
    version: 'tool v1 - A tool',
    options: [{ flags: '--config <path>', doc: 'the file' }],
    groups: { group: 'A group.' },
    commands: [
      command('serve', { takesSettings: true }),
      command('check'),
      command('group one', { options: [{ flags: '--json', doc: 'JSON' }] }),
      command('group two', {
        arguments: ['<what>'],
        options: [{ flags: '--as <form>', doc: 'form', choices: ['a', 'b'] }],
      }),
      command('shadow', { options: [{ flags: '--config <path>', doc: 'another file' }] }),
      command('gather', { options: [{ flags: '--item <text>', doc: 'an item', repeatable: true }] }),
    ],
    defaultCommand: 'serve',
    ...spec,
  });
  let [stdout, stderr] = ['', ''];
  const exitCode = await program.run(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    cwd: '/',
  });
  return { exitCode, ran, stdout, stderr };
}

const NOTHING: CommandInput = { options: {}, lists: {}, shadowed: {}, arguments: [], settings: {} };

describe('createProgram', () => {
  it.each<[string[], string, Partial<CommandInput>]>([
    [[], 'serve', {}],
    [['serve'], 'serve', {}],
    [['-config', 'x'], 'serve', { options: { config: 'x' } }],
    [['-config=x', 'check'], 'check', { options: { config: 'x' } }],
    [['check', '--config', 'x'], 'check', { options: { config: 'x' } }],
    [['--a.b=1', '-config=x'], 'serve', { options: { config: 'x' }, settings: { 'a.b': '1' } }],
    [['group', 'one', '--json'], 'group one', { options: { json: true } }],
    [['group', 'two', 'it', '--as', 'b'], 'group two', { options: { as: 'b' }, arguments: ['it'] }],
    [['group', '--config', 'x', 'one'], 'group one', { options: { config: 'x' } }],
    [['shadow', '--config', 'y'], 'shadow', { options: { config: 'y' } }],
    [['--config', 'x', 'shadow', '--config', 'y'], 'shadow', { options: { config: 'y' }, shadowed: { config: 'x' } }],
    [['--config', 'x', 'shadow'], 'shadow', { shadowed: { config: 'x' } }],
    [['gather', '--item', 'a', '--item=b'], 'gather', { lists: { item: ['a', 'b'] } }],
  ])('reads %j', async (argv, name, input) => {
    const { ran, stdout, stderr } = await run(argv);
    expect(ran).toEqual([[name, { ...NOTHING, ...input }]]);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });

  it('ends with the exit code of the command', async () => {
    expect((await run(['check'])).exitCode).toBe(1);
  });

  it.each([['-version'], ['--version']])('prints one line for %s', async (flag) => {
    expect(await run([flag])).toEqual({ exitCode: 0, ran: [], stdout: 'tool v1 - A tool\n', stderr: '' });
  });

  it.each<[string[], string[]]>([
    [['-help'], ['Usage: tool', '--config <path>', '--version', 'serve', 'Does check.', 'A group.', 'tool group one']],
    [
      ['check', '--help'],
      ['Usage: tool check', 'Does check.', 'tool check', '--config <path>'],
    ],
    [
      ['group', '--help'],
      ['A group.', 'Does group one.'],
    ],
    [['serve', '-h'], ['--server.port=5001']],
  ])('prints help on stdout for %j', async (argv, parts) => {
    const { exitCode, ran, stdout, stderr } = await run(argv);
    expect({ exitCode, ran, stderr }).toEqual({ exitCode: 0, ran: [], stderr: '' });
    for (const part of parts) expect(stdout).toContain(part);
  });

  it.each<[string[], string]>([
    [['--nonsense'], "unknown option '--nonsense'"],
    [['-nonsense'], "unknown option '--nonsense'"],
    [['nonsense'], "unknown command 'nonsense': there are serve, check, group, shadow, gather, completion"],
    [['check', 'more'], 'too many arguments'],
    [['group'], 'Usage: tool group'],
    [['group', 'three'], "unknown command 'three'"],
    [['group', 'two'], "missing required argument 'what'"],
    [['group', 'two', 'it', '--as', 'c'], 'Allowed choices are a, b'],
    [['--config'], 'argument missing'],
    [['check', '--a.b=1'], "unknown option '--a.b'"],
  ])('calls %j wrong usage', async (argv, complaint) => {
    const { exitCode, ran, stdout, stderr } = await run(argv);
    expect({ exitCode, ran, stdout }).toEqual({ exitCode: 2, ran: [], stdout: '' });
    expect(stderr).toContain(complaint);
    expect(stderr).toContain('Usage: tool');
  });

  it('prints the help of a command for `help` too', async () => {
    const { exitCode, stdout } = await run(['help', 'check']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: tool check');
    expect((await run(['help'])).stdout).toContain('Usage: tool');
  });

  it('says what happened and what to do, with the exit code of the failure', async () => {
    const { exitCode, stderr } = await run(
      ['check'],
      new CliError('no such thing', { hint: 'Make one.', exitCode: 4 }),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: 'no such thing\nMake one.\n' });
  });

  it('adds the help of the command to what the command itself calls wrong usage', async () => {
    const { exitCode, stderr } = await run(['check'], new UsageError('not like this'));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: not like this\n[^]*Usage: tool check/);
  });

  it.each([
    [['check'], new CliError('no such thing', { exitCode: 4 }), 4],
    [['nonsense', '--nonsense'], undefined, 1],
  ])('tells %j as its contract wants failures told', async (argv, fail, code) => {
    const { exitCode, stderr } = await run(argv, fail, { failures: { prefix: 'Error: ', usageExit: 1 } });
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(/^Error: (no such thing|unknown option '--nonsense')\n/);
  });

  it('leaves flags as they are where the program says so', async () => {
    const spec = { plainFlags: true };
    expect((await run(['-config', 'x', 'check'], undefined, spec)).stderr).toContain("unknown option '-config'");
    expect((await run(['--config', '-abc', 'check'], undefined, spec)).ran).toEqual([
      ['check', { ...NOTHING, options: { config: '-abc' } }],
    ]);
  });

  it('completes itself in a shell, and says of which it knows how', async () => {
    const { exitCode, stdout } = await run(['completion', 'bash']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('complete -o default -F _tool tool');
    expect(stdout).toContain('completion');
    const { exitCode: refused, stderr } = await run(['completion', 'sh']);
    expect(refused).toBe(2);
    expect(stderr).toContain("there is no completion for 'sh', but for bash, zsh, fish");
  });

  it('shows where a bug is', async () => {
    const { exitCode, stderr } = await run(['check'], new TypeError('oops'));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Unexpected failure[^]*TypeError: oops\n +at /);
  });
});
