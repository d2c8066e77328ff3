import {
  CliError,
  UsageError,
  writeJson,
  type Command,
  type CommandInput,
  type CommandOption,
  type ExitCode,
  type Io,
} from '../../internal/cli/index.ts';
import { parseDuration } from '../../internal/config/index.ts';
import { createApi, Refused, type Api } from './api.ts';
import { openCredentials, type CredentialStore } from './credentials.ts';
import { findSession } from './session.ts';

/** What a command found out or did: for people, and for programs (`--json`). */
export interface Result {
  /** Lines for stdout, without the last line feed. */
  readonly text: string;
  readonly data: unknown;
  /** A line for stderr. */
  readonly remark?: string;
  /** 0 where it is not given. */
  readonly exitCode?: ExitCode;
}

/** What a command has to work with. */
export interface Call {
  readonly arguments: readonly string[];
  readonly io: Io;
  readonly isJson: boolean;
  /** Skips the question before a delete. */
  readonly isSure: boolean;
  /** The value of a flag, an empty one too; undefined where it was not given. */
  flag(name: string): string | undefined;
  isSet(name: string): boolean;
  /** All values of a flag that may be repeated; undefined where it was not given. */
  list(name: string): readonly string[] | undefined;
  /** The value of the program's own `--url`. */
  readonly serverUrl: string | undefined;
  credentials(): Promise<CredentialStore>;
  /** The server that the command speaks to: of the flags, the environment, or the last login. */
  api(): Promise<Api>;
  /** The server at a URL, with this token or none. */
  apiAt(url: string, token: string | undefined): Api;
}

/** A command of cola-regctl: what the exit codes, `--json` and the texts of failures have in common is done around it. */
export interface RegctlCommand {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  readonly arguments?: readonly string[];
  readonly options?: readonly CommandOption[];
  /** What did not succeed where a request fails: `create registry`. */
  readonly action: string;
  readonly run: (call: Call) => Promise<Result>;
}

export interface RegctlDeps {
  readonly fetch: typeof fetch;
}

const DEFAULT_TIMEOUT = '30s';

export const GLOBAL_OPTIONS: readonly CommandOption[] = [
  { flags: '-u, --url <url>', doc: 'URL of the registry server (COLA_REGISTRY_URL, or that of the last login)' },
  {
    flags: '--token <token>',
    doc: 'user:password, an API key or a JWT (COLA_REGISTRY_TOKEN, or that of the last login)',
  },
  { flags: '--json', doc: 'the result as JSON' },
  { flags: '-o, --output <form>', doc: 'json is the same as --json', choices: ['json', 'table'] },
  { flags: '-v, --verbose', doc: 'say each request on stderr' },
  { flags: '--timeout <duration>', doc: `how long an answer may take, as 500ms or 1m30s (${DEFAULT_TIMEOUT})` },
  { flags: '-y, --yes', doc: 'delete without asking' },
  { flags: '--force', doc: 'the same as --yes' },
];

/** The command as the program runs it. */
export function toCommand(command: RegctlCommand, deps: RegctlDeps): Command {
  const { action, run, ...described } = command;
  return {
    ...described,
    run: async (input, io) => {
      const isJson = asksForJson(input);
      try {
        const result = await run(createCall(command, input, io, deps)).catch((error: unknown) => {
          throw explain(error, action);
        });
        if (result.remark !== undefined) io.stderr.write(`${result.remark}\n`);
        if (isJson) writeJson(io.stdout, { success: true, data: result.data });
        else if (result.text !== '') io.stdout.write(`${result.text}\n`);
        return result.exitCode ?? 0;
      } catch (error) {
        if (isJson && error instanceof CliError) {
          writeJson(io.stdout, { success: false, data: null, error: error.message });
        }
        throw error;
      }
    },
  };
}

function explain(error: unknown, action: string): unknown {
  if (!(error instanceof Refused)) return error;
  const { hint, exitCode } = error;
  return new CliError(`failed to ${action}: ${error.message}`, {
    exitCode,
    cause: error,
    ...(hint !== undefined && { hint }),
  });
}

const asksForJson = ({ options }: CommandInput): boolean => options['json'] === true || options['output'] === 'json';

/** The server's URL: `--url` behind a command that has one of its own means that one. */
function serverUrlOf(command: RegctlCommand, { options, shadowed }: CommandInput): string | undefined {
  const hasOwn = command.options?.some(({ flags }) => flags.startsWith('--url ')) === true;
  const url = (hasOwn ? shadowed : options)['url'];
  return typeof url === 'string' ? url : undefined;
}

function createCall(command: RegctlCommand, input: CommandInput, io: Io, deps: RegctlDeps): Call {
  const { options, lists } = input;
  const serverUrl = serverUrlOf(command, input);
  const flag = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  const timeoutMs = parseTimeout(flag('timeout') ?? DEFAULT_TIMEOUT);
  const onRequest = (line: string): void => void (options['verbose'] === true && io.stderr.write(`${line}\n`));
  const apiAt = (url: string, token: string | undefined): Api =>
    createApi({ session: { url, token }, timeoutMs, onRequest, fetch: deps.fetch });
  return {
    arguments: input.arguments,
    io,
    isJson: asksForJson(input),
    isSure: options['yes'] === true || options['force'] === true,
    flag,
    isSet: (name) => options[name] === true,
    list: (name) => lists[name],
    serverUrl,
    credentials: () => openCredentials(io.env),
    api: async () => {
      const { url, token } = await findSession({ url: serverUrl, token: flag('token') }, io.env);
      return apiAt(url, token);
    },
    apiAt,
  };
}

function parseTimeout(text: string): number {
  const timeoutMs = parseDuration(text);
  if (timeoutMs === undefined || timeoutMs === 0) {
    throw new UsageError(`--timeout takes a duration such as 500ms, 30s or 1m30s: not '${text}'`);
  }
  return timeoutMs;
}
