import { readEnvironment, type Environment } from './environment.ts';
import { withNames } from './names.ts';
import type { ConfigOf, ConfigValue, Option } from './option.ts';
import { ConfigError } from './problem.ts';
import { createSchema } from './schema.ts';
import { findFile, named, readFile, readFlags, type Given, type Origin } from './sources.ts';
import { readValue } from './value.ts';

export interface LoadOptions<Tables extends readonly (readonly Option[])[]> {
  /** The options of every part. */
  readonly tables: Tables;
  /**
   * The file that the user named, absolute or from `cwd`; `config.json` there, if it exists, where none was named. False
   * for programs that have files of another kind, and give what those say as `flags`.
   */
  readonly file?: string | false | undefined;
  readonly env: Environment;
  /** Settings of the command line, by key. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What is wrong with settings that are right each by itself, a sentence each. */
  readonly judge?: (config: ConfigOf<Tables[number]>) => readonly string[];
}

export interface LoadedConfig<Config> {
  /** Flat by key, frozen. */
  readonly config: Config;
  readonly origins: ReadonlyMap<string, Origin>;
  /** The options of the tables, those with a name once for each name in use. */
  readonly options: readonly Option[];
  /** What is worth saying but stops nothing, a sentence each. */
  readonly warnings: readonly string[];
  /** The file that was read, as the user would name it. */
  readonly file: string | undefined;
}

/**
 * The configuration: defaults, then file, then environment, then flags; later ones win, and the result is what is
 * judged. Throws a ConfigError with every problem at once.
 */
export async function loadConfig<const Tables extends readonly (readonly Option[])[]>(
  from: LoadOptions<Tables>,
): Promise<LoadedConfig<ConfigOf<Tables[number]>>> {
  const found = await findFile(from.cwd, from.file);
  const sources = { tree: found.tree, env: from.env, flags: from.flags ?? {} };
  const { options, problems: misnamed } = withNames(from.tables.flat(), sources);
  if (misnamed.length > 0) throw new ConfigError(misnamed);
  const schema = createSchema(options);
  const flags = readFlags(options, sources.flags);
  const file = readFile(options, found);
  const environment = readEnvironment(options, from.env);
  const given = new Map([...file.given, ...named('env', environment.settings), ...flags]);

  const problems = [...file.problems, ...environment.problems];
  const origins = new Map<string, Origin>();
  for (const option of options) {
    const { raw, origin } = given.get(option.key) ?? {};
    const reading = origin && readValue(option, raw, origin.source === 'file' ? 'file' : 'text');
    if (reading && 'must' in reading) problems.push(refuse(option, raw, reading.must, origin));
    else if (reading) schema.set(option.key, reading.value);
    origins.set(option.key, origin ?? { source: 'default' });
  }
  if (problems.length > 0) throw new ConfigError(problems);

  const config = schema.validated();
  const lonely = judgePairs(options, config);
  const wrong = [...lonely.problems, ...(from.judge?.(config as ConfigOf<Tables[number]>) ?? [])];
  if (wrong.length > 0) throw new ConfigError(wrong);
  const warnings = [...file.warnings, ...environment.warnings, ...lonely.warnings];
  return { config: config as ConfigOf<Tables[number]>, origins, options, warnings, file: file.name };
}

/** In a URL, where settings that are no secrets take none: whoever put them there is not to find them in a log. */
const CREDENTIALS = /\/\/[^/?#\s]*@/g;

function refuse({ key, secret }: Option, raw: unknown, must: string, origin: Given['origin']): string {
  const shown = secret ? 'what is set' : JSON.stringify(raw)?.replaceAll(CREDENTIALS, '//***@').slice(0, 100);
  const where = origin.source === 'file' ? `in ${origin.name}` : `from ${origin.name}`;
  return `${key} must ${must}: not ${shown} (${where})`;
}

function judgePairs(
  options: readonly Option[],
  config: Readonly<Record<string, ConfigValue>>,
): { problems: string[]; warnings: string[] } {
  const saysNothing = (value: ConfigValue): boolean =>
    value === undefined || (Array.isArray(value) && value.length === 0);
  const set = options.filter(({ key }) => !saysNothing(config[key]));
  const without = (other: string | undefined) => other !== undefined && config[other] === undefined;
  return {
    problems: set
      .filter(({ needs }) => without(needs))
      .map(({ key, needs }) => `${key} needs ${needs}, which is not set`),
    warnings: set
      .filter(({ idleWithout }) => without(idleWithout))
      .map(({ key, idleWithout }) => `${key} has no effect without ${idleWithout}, which is not set`),
  };
}
