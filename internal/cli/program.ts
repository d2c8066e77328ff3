import { Command as Framework, CommanderError, Option } from 'commander';
import { rewriteArguments } from './arguments.ts';
import { completionScript, SHELLS } from './completion.ts';
import { reportFailure, UsageError } from './failure.ts';
import type { Command, CommandInput, CommandOption, ExitCode, Io, Program, ProgramSpec } from './types.ts';

const USAGE: ExitCode = 2;

/**
 * A program out of its commands, and `completion`, which every one has. Help goes to stdout with exit 0; wrong usage to
 * stderr, with help, and exit 2 unless its contract has another.
 */
export function createProgram(asked: ProgramSpec): Program {
  const spec = { ...asked, commands: [...asked.commands, createCompletion(asked)] };
  const { prefix, usageExit = USAGE } = spec.failures ?? {};
  return {
    async run(argv, io) {
      const rewritten = spec.plainFlags ? { argv, settings: {} } : rewriteArguments(argv);
      let exitCode: ExitCode = 0;
      const root = createRoot(spec, io);
      for (const command of spec.commands) {
        const isDefault = command.name === spec.defaultCommand;
        const words = command.name.split(' ');
        const group = words.length === 1 ? root : findGroup(root, words[0] ?? '', spec);
        const leaf = addGlobals(createLeaf(command, words.at(-1) ?? command.name), spec).copyInheritedSettings(group);
        // The default command gets every word that names no command, to say so itself.
        leaf.allowExcessArguments(isDefault).action(async () => {
          if (isDefault) refuseUnknownCommand(leaf, spec);
          const settings = takeSettings(command, leaf, rewritten.settings);
          const input = { ...gatherOptions(leaf), arguments: leaf.args, settings };
          exitCode = await command.run(input, io).catch((error: unknown) => {
            throw error instanceof UsageError ? leaf.error(`error: ${error.message}`) : error;
          });
        });
        group.addCommand(leaf, { isDefault });
      }
      try {
        await root.parseAsync([...rewritten.argv], { from: 'user' });
        return exitCode;
      } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExit;
        return reportFailure(error, io, prefix);
      }
    },
  };
}

function createRoot(spec: ProgramSpec, io: Io): Framework {
  const root = new Framework(spec.name)
    .description(spec.description)
    .version(spec.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showHelpAfterError()
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(text.replace(/^error: /, spec.failures?.prefix ?? 'error: ')),
    });
  for (const option of spec.options ?? []) root.addOption(createOption(option));
  const examples = spec.commands.map(({ example }) => `  ${example}\n`).join('');
  return root.addHelpText('after', `\nExamples:\n${examples.trimEnd()}`);
}

function createLeaf(command: Command, name: string): Framework {
  const leaf = new Framework(name)
    .summary(command.summary)
    .description(command.takesSettings ? `${command.summary}\n\n${SETTINGS_HELP}` : command.summary)
    .addHelpText('after', `\nExample:\n  ${command.example}`);
  for (const argument of command.arguments ?? []) leaf.argument(argument);
  if (command.usage !== undefined) leaf.usage(command.usage);
  for (const option of command.options ?? []) leaf.addOption(createOption(option));
  return leaf;
}

const SETTINGS_HELP = 'Any setting of the configuration may be given as a flag: --server.port=5001.';

function createOption({ flags, doc, choices, repeatable }: CommandOption): Option {
  const option = new Option(flags, doc);
  if (repeatable) option.argParser((value, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return choices ? option.choices(choices) : option;
}

/** Options of the program stand before a command or behind it, where one of its own may have the same name. */
function addGlobals(command: Framework, { options = [] }: ProgramSpec): Framework {
  for (const global of options.map(createOption)) {
    const isOwn = command.options.some(({ long }) => long === global.long);
    if (!isOwn) command.addOption(global.hideHelp());
  }
  return command.enablePositionalOptions();
}

type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
type Sorted = Pick<CommandInput, 'options' | 'lists' | 'shadowed'>;

function gatherOptions(leaf: Framework): Sorted {
  const ownNames = new Set(leaf.options.filter(({ hidden }) => !hidden).map((option) => option.attributeName()));
  const outer: Given = { ...leaf.parent?.parent?.opts(), ...leaf.parent?.opts() };
  const [shadowed, inherited] = divide(outer, ([name]) => ownNames.has(name));
  const [lists, options] = divide({ ...inherited, ...leaf.opts() }, ([, value]) => Array.isArray(value));
  return { options, lists, shadowed } as Sorted;
}

function divide(given: Given, belongs: (entry: [string, unknown]) => boolean): readonly [Given, Given] {
  const { true: those = [], false: others = [] } = Object.groupBy(
    Object.entries(given),
    (entry) => `${belongs(entry)}`,
  );
  return [Object.fromEntries(those), Object.fromEntries(others)];
}

function createCompletion(spec: ProgramSpec): Command {
  const command: Command = {
    name: 'completion',
    summary: 'Prints a script that completes commands and flags in your shell.',
    example: `source <(${spec.name} completion bash)`,
    arguments: ['<shell>'],
    // oxlint-disable-next-line typescript/require-await -- a command like any other
    async run({ arguments: [shell] }, io) {
      const known = SHELLS.find((name) => name === shell);
      if (known === undefined)
        throw new UsageError(`there is no completion for '${shell}', but for ${SHELLS.join(', ')}`);
      io.stdout.write(completionScript(known, { ...spec, commands: [...spec.commands, command] }));
      return 0;
    },
  };
  return command;
}

function findGroup(root: Framework, name: string, spec: ProgramSpec): Framework {
  const { groups = {} } = spec;
  const found = root.commands.find((command) => command.name() === name);
  if (found) return found;
  const group = addGlobals(new Framework(name).description(groups[name] ?? '').helpCommand(false), spec);
  root.addCommand(group.copyInheritedSettings(root));
  return group;
}

function takeSettings(command: Command, leaf: Framework, settings: Readonly<Record<string, string>>): typeof settings {
  const [first] = Object.keys(settings);
  if (first !== undefined && !command.takesSettings) leaf.error(`error: unknown option '--${first}'`);
  return settings;
}

function refuseUnknownCommand(leaf: Framework, { commands }: ProgramSpec): void {
  const [word] = leaf.args;
  if (word === undefined || leaf.registeredArguments.length > 0) return;
  const names = new Set(commands.map(({ name }) => name.split(' ')[0]));
  leaf.error(`error: unknown command '${word}': there are ${[...names].join(', ')}`);
}
