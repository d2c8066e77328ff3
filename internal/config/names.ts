import { isTree, type Tree } from './file.ts';
import type { Environment } from './environment.ts';
import type { Option } from './option.ts';

/** In the key of an option, stands for a name that the user gives to one of several things: `auth.oauth.*.issuer`. */
const ANY = '*';
const NAME = /^[a-z][a-z0-9_-]{0,39}$/;
/** A name as files, variables and JSON schemas may have it. */
export const NAME_PATTERN = NAME.source;

/** The text around the name in an option's key; undefined where the key has none. */
export function aroundName(key: string): { readonly before: string; readonly after: string } | undefined {
  const [before, after, ...more] = key.split(`.${ANY}.`);
  return before === undefined || after === undefined || more.length > 0 ? undefined : { before, after };
}

/** An option's variable: its key in capitals. */
export const variableOf = (key: string): string => `OCTOSERVE_${key.toUpperCase().replaceAll(/[.-]/g, '_')}`;

export interface Sources {
  readonly tree: Tree | undefined;
  readonly env: Environment;
  readonly flags: Readonly<Record<string, string>>;
}

/** Options with the names that are in use: one of its own for each, in place of the one with `*`. */
export function withNames(
  options: readonly Option[],
  sources: Sources,
): { readonly options: readonly Option[]; readonly problems: readonly string[] } {
  const used = new Map<string, ReadonlySet<string>>();
  const namesFor = (before: string): ReadonlySet<string> => {
    const known = used.get(before);
    if (known) return known;
    const alike = options.flatMap(({ key }) => {
      const around = aroundName(key);
      return around?.before === before ? [around.after] : [];
    });
    const found = findNames(before, alike, sources);
    used.set(before, found);
    return found;
  };
  const expanded = options.flatMap((option) => {
    const around = aroundName(option.key);
    if (!around) return [option];
    return [...namesFor(around.before)].filter(isName).map((name) => named(option, name));
  });
  const problems = [...used].flatMap(([before, names]) =>
    [...names]
      .filter((name) => !isName(name))
      .map((name) => `${before}.${name}: a name begins with a letter and has up to 40 of a-z, 0-9, _ and -`),
  );
  return { options: expanded, problems };
}

// `constructor` and the like are found in any object before they are put there.
const isName = (name: string): boolean => NAME.test(name) && !(name in {});

function named(option: Option, name: string): Option {
  const place = (key: string): string => key.replace(`.${ANY}.`, `.${name}.`);
  return {
    ...option,
    key: place(option.key),
    ...(option.needs !== undefined && { needs: place(option.needs) }),
    ...(option.idleWithout !== undefined && { idleWithout: place(option.idleWithout) }),
  };
}

/** The names that any source uses below `before`, by the ends that their keys may have. */
function findNames(before: string, ends: readonly string[], { tree, env, flags }: Sources): ReadonlySet<string> {
  const names = new Set<string>();
  let section: unknown = tree;
  for (const part of before.split('.')) section = isTree(section) ? section[part] : undefined;
  for (const [name, value] of Object.entries(isTree(section) ? section : {})) if (isTree(value)) names.add(name);
  for (const key of Object.keys(flags)) {
    const end = ends.find((each) => key.endsWith(`.${each}`));
    if (end !== undefined && key.startsWith(`${before}.`)) names.add(key.slice(before.length + 1, -end.length - 1));
  }
  // A variable has neither case nor hyphens: it is for the name that is there already, where there is one.
  const longestFirst = ends.toSorted((a, b) => b.length - a.length);
  const start = `${variableOf(before)}_`;
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith(start) || !env[variable]) continue;
    const end = longestFirst.find((each) => variable.endsWith(`_${each.toUpperCase().replaceAll('.', '_')}`));
    const capitals = end === undefined ? '' : variable.slice(start.length, -end.length - 1);
    if (capitals === '' || [...names].some((name) => variableOf(name) === variableOf(capitals))) continue;
    names.add(capitals.toLowerCase());
  }
  names.delete('');
  return names;
}

/** The names of the things below `before` that a loaded configuration has, as `auth.oauth`. */
export function namesIn(config: object, before: string): readonly string[] {
  const keys = Object.keys(config).filter((key) => key.startsWith(`${before}.`));
  const parts = keys.map((key) => key.slice(before.length + 1).split('.'));
  return [...new Set(parts.flatMap(([name, ...rest]) => (name !== undefined && rest.length > 0 ? [name] : [])))];
}
