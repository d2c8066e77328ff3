import { CliError, type Command, type ExitCode, type Io } from '../../internal/cli/index.ts';
import { createConnection, type Connection } from './connection.ts';

/** What a command is given: where the server is, what was asked, and where results go. */
export interface Asked {
  readonly connection: Connection;
  /** As many as the command has arguments. */
  readonly arguments: readonly string[];
  readonly output: string | undefined;
  readonly json: boolean;
}

/** A command of the program, whose options all are the same but `--output`. */
export interface RegistryCommand {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  readonly arguments: readonly string[];
  readonly hasOutput?: boolean;
  run(asked: Asked, io: Io): Promise<ExitCode>;
}

const DEFAULT_SERVER = 'http://localhost:8080';

/** With the flags that all have; names and words as foundry contract, section 7 has them. */
export function toCommand(command: RegistryCommand): Command {
  const { name, summary, example, arguments: wanted, hasOutput = false } = command;
  const output = hasOutput ? ' [--output PATH]' : '';
  const usage = `${wanted.map((argument) => `${argument} `).join('')}[--server URL] [--token TOKEN]${output}`;
  return {
    name,
    summary,
    example,
    usage,
    arguments: wanted.map((argument) => argument.replace(/^<(.*)>$/, '[$1]')), // what is missing is told below
    options: [
      { flags: '--server <url>', doc: `where the server is; else FOUNDRY_SERVER, else ${DEFAULT_SERVER}` },
      { flags: '--token <token>', doc: 'by which it knows you; else FOUNDRY_TOKEN' },
      ...(hasOutput
        ? [{ flags: '--output <path>', doc: 'the file to write; PACKAGE-VERSION where it is not given' }]
        : []),
      { flags: '--json', doc: 'the result as JSON' },
    ],
    async run(input, io) {
      const { options, arguments: given } = input;
      if (given.length < wanted.length) throw new CliError(`usage: registry ${name} ${usage}`);
      const text = (key: string): string | undefined => {
        const value = options[key];
        return typeof value === 'string' && value !== '' ? value : undefined;
      };
      const server = text('server') ?? (io.env['FOUNDRY_SERVER'] || DEFAULT_SERVER);
      const token = text('token') ?? (io.env['FOUNDRY_TOKEN'] || undefined);
      if (token === undefined) throw new CliError('error: --token is required');
      const connection = createConnection(server, token);
      return command.run({ connection, arguments: given, output: text('output'), json: options['json'] === true }, io);
    },
  };
}
