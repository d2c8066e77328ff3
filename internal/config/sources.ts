import { resolve } from 'node:path';
import { detectDialect, isNotOffered } from './dialect.ts';
import { readConfigFile, type Tree } from './file.ts';
import { flatten } from './flatten.ts';
import { nearest } from './nearest.ts';
import type { Option } from './option.ts';
import { ConfigError } from './problem.ts';

/** Where a value came from: a file, variable or flag has a name. */
export type Origin = Readonly<{ source: 'default' }> | Readonly<{ source: 'file' | 'env' | 'flag'; name: string }>;

/** What one source says of one option. */
export interface Given {
  readonly raw: unknown;
  readonly origin: Extract<Origin, { name: string }>;
}

const DEFAULT_FILE = 'config.json';

/** What a file says; no name where there is none. */
export interface FromFile {
  readonly name: string | undefined;
  readonly given: ReadonlyMap<string, Given>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** A file and what is in it, if it is there. */
export interface FoundFile {
  readonly name: string;
  readonly tree: Tree | undefined;
  readonly wasAskedFor: boolean;
}

/** Reads the file that the user named, or the default one where it exists; with false none. */
export async function findFile(cwd: string, asked: string | false | undefined): Promise<FoundFile> {
  if (asked === false) return { name: '', tree: undefined, wasAskedFor: false };
  const name = asked ?? DEFAULT_FILE;
  return { name, tree: await readConfigFile(resolve(cwd, name), name), wasAskedFor: asked !== undefined };
}

/** What a file says of these options. */
export function readFile(options: readonly Option[], { name, tree, wasAskedFor }: FoundFile): FromFile {
  if (!tree) {
    const warnings = wasAskedFor ? [`${name} does not exist: going on without a file`] : [];
    return { name: undefined, given: new Map(), problems: [], warnings };
  }
  const known = new Set(options.map(({ key }) => key));
  const dialect = detectDialect(name, tree, known);
  const { settings, unknown, problems } = flatten(tree, known, dialect);
  const absent = unknown.filter(isNotOffered);
  const mistakes = unknown.filter((written) => !isNotOffered(written));
  const isStrict = dialect.unknownIs === 'error';
  const values = new Map([...settings].map(([key, value]) => [key, { value, name }] as const));
  return {
    name,
    given: named('file', values),
    problems: [
      ...problems.map((problem) => `${name}: ${problem}`),
      ...(isStrict ? mistakes.map((key) => `${name}: ${key} is unknown; did you mean ${nearest(key, known)}?`) : []),
    ],
    warnings: [
      ...absent.map((key) => `${name}: ${key} is not offered here and has no effect`),
      ...(isStrict ? [] : mistakes.map((key) => `${name}: ${key} is no setting and has no effect`)),
    ],
  };
}

/** Reads the settings of the command line; one that does not exist is a mistake in its usage. */
export function readFlags(
  options: readonly Option[],
  flags: Readonly<Record<string, string>>,
): ReadonlyMap<string, Given> {
  const known = new Set(options.map(({ key }) => key));
  const wrong = Object.keys(flags).filter((key) => !known.has(key));
  if (wrong.length > 0) {
    const problems = wrong.map((key) => `unknown flag --${key}; did you mean --${nearest(key, known)}?`);
    throw new ConfigError(problems, true);
  }
  return named(
    'flag',
    new Map(Object.entries(flags).map(([key, value]) => [key, { value, name: `--${key}` }] as const)),
  );
}

/** Settings of one source, each with where it was found. */
export function named(
  source: Given['origin']['source'],
  settings: ReadonlyMap<string, Readonly<{ value: unknown; name: string }>>,
): ReadonlyMap<string, Given> {
  return new Map(
    [...settings].map(([key, { value, name }]) => [key, { raw: value, origin: { source, name } }] as const),
  );
}
