/** 0 done, 1 failed, 2 wrong usage; a program whose contract has further codes uses those. */
export type ExitCode = number;

/** Where a command writes: a stream of the process, or a test's. */
export interface Writer {
  write(text: string): unknown;
  /**
   * Resolves when all that was written has been taken, with false where nobody takes any more: for results of any
   * length, whose reader may be slow or go away.
   */
  readonly flushed?: () => Promise<boolean>;
  /** Whether people look at it: colours, and the width of their terminal. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where a command reads: the process's standard input, or a test's. */
export interface Reader {
  /** Whether a person types. */
  readonly isTTY: boolean;
  /**
   * A line that nobody is to see: asked for by the prompt on a terminal, which does not show it; elsewhere the next line
   * as it is. Undefined where there is none.
   */
  secret(prompt: string): Promise<string | undefined>;
  /** The next line, asked for by the prompt where a person types, who sees it. Undefined where there is none. */
  line(prompt: string): Promise<string | undefined>;
}

/** The world of a command, passed in: results go to stdout, everything else to stderr. */
export interface Io {
  readonly stdout: Writer;
  readonly stderr: Writer;
  /** Undefined where there is nothing to read from. */
  readonly stdin?: Reader;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
}

export interface CommandOption {
  /** As in help: `--json` (a switch) or `--config <path>` (with a value). */
  readonly flags: string;
  readonly doc: string;
  /** The only values that are accepted. */
  readonly choices?: readonly string[];
  /** Whether it may be given several times. */
  readonly repeatable?: boolean;
}

/** What the command line said. */
export interface CommandInput {
  /** By the name of the long flag in camelCase; a switch is true or absent. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** The same of those that may be repeated: all that was given, absent where nothing was. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** What was given before the command of options of the program that have the name of one of its own. */
  readonly shadowed: Readonly<Record<string, string | boolean | undefined>>;
  readonly arguments: readonly string[];
  /** Settings of the configuration given as flags (`--server.port=5001`), by key. */
  readonly settings: Readonly<Record<string, string>>;
}

/** One command of a program: data in, text out. */
export interface Command {
  /** As typed: `version`, or `config show` for one in a group. */
  readonly name: string;
  readonly summary: string;
  /** A line that works as it stands, for help. */
  readonly example: string;
  /** Positional ones, as in help: `<reference>`, `[folder]`. */
  readonly arguments?: readonly string[];
  /** What help shows behind `Usage:`, where a contract has its own words for that. */
  readonly usage?: string;
  readonly options?: readonly CommandOption[];
  /** Whether settings of the configuration may be given as flags. */
  readonly takesSettings?: boolean;
  /** Does the work. Throws a CliError for what the user can do something about. */
  run(input: CommandInput, io: Io): Promise<ExitCode>;
}

export interface ProgramSpec {
  readonly name: string;
  /** Other names under which it is installed, for shells to complete. */
  readonly aliases?: readonly string[];
  readonly description: string;
  /** The line that `--version` prints. */
  readonly version: string;
  /** Options that every command has. */
  readonly options?: readonly CommandOption[];
  /** What the groups of commands are about, by their name. */
  readonly groups?: Readonly<Record<string, string>>;
  readonly commands: readonly Command[];
  /** The name of the command that runs where none is named. */
  readonly defaultCommand?: string;
  /** Whether flags stay as they are: no second dash for `-config`, and none with a dot taken for a setting. */
  readonly plainFlags?: boolean;
  /** How the contract of the program has failures told: what stands before each, and the exit code of wrong usage (2). */
  readonly failures?: Readonly<{ prefix?: string; usageExit?: ExitCode }>;
}

export interface Program {
  /** Runs what the arguments ask for (without the names of node and script); never throws. */
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}
