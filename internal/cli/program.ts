import { Command as Framework, CommanderError, Option } from 'commander';
import { rewriteArguments } from './arguments.ts';
import { reportFailure, UsageError } from './failure.ts';
import type { Command, CommandOption, ExitCode, Io, Program, ProgramSpec } from './types.ts';

const USAGE: ExitCode = 2;

/** A program out of its commands. Help goes to stdout with exit 0; wrong usage to stderr, with help, and exit 2. */
export function createProgram(spec: ProgramSpec): Program {
  return {
    async run(argv, io) {
      const rewritten = rewriteArguments(argv);
      let exitCode: ExitCode = 0;
      const root = createRoot(spec, io);
      for (const command of spec.commands) {
        const isDefault = command.name === spec.defaultCommand;
        const words = command.name.split(' ');
        const group = words.length === 1 ? root : findGroup(root, words[0] ?? '', spec);
        const leaf = createLeaf(command, words.at(-1) ?? command.name).copyInheritedSettings(group);
        // The default command gets every word that names no command, to say so itself.
        leaf.allowExcessArguments(isDefault).action(async () => {
          if (isDefault) refuseUnknownCommand(leaf, spec);
          const settings = takeSettings(command, leaf, rewritten.settings);
          const input = { options: leaf.optsWithGlobals(), arguments: leaf.args, settings };
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
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
        return reportFailure(error, io);
      }
    },
  };
}

function createRoot(spec: ProgramSpec, io: Io): Framework {
  const root = new Framework(spec.name)
    .description(spec.description)
    .version(spec.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
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
  for (const option of command.options ?? []) leaf.addOption(createOption(option));
  return leaf;
}

const SETTINGS_HELP = 'Any setting of the configuration may be given as a flag: --server.port=5001.';

function createOption({ flags, doc, choices }: CommandOption): Option {
  const option = new Option(flags, doc);
  return choices ? option.choices(choices) : option;
}

function findGroup(root: Framework, name: string, { groups = {} }: ProgramSpec): Framework {
  const found = root.commands.find((command) => command.name() === name);
  if (found) return found;
  const group = new Framework(name).description(groups[name] ?? '').helpCommand(false);
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
