import { nearest } from './nearest.ts';
import { variableOf } from './names.ts';
import type { Option } from './option.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says. */
export interface FromEnvironment {
  readonly settings: ReadonlyMap<string, Readonly<{ value: string; name: string }>>;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

const PREFIX = 'OCTOSERVE_';
// Kubernetes gives every container variables for every service: these come from a service named octoserve.
const KUBERNETES = /^OCTOSERVE_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_|$)/;

/** The variables of an option: the regular name first, then the irregular ones. */
export function variablesOf({ key, env = [] }: Option): readonly string[] {
  return [variableOf(key), ...env];
}

/** Reads the variables of these options; an empty one counts as not set. */
export function readEnvironment(options: readonly Option[], env: Environment): FromEnvironment {
  const settings = new Map<string, { value: string; name: string }>();
  const problems: string[] = [];
  for (const option of options) {
    const given = variablesOf(option).flatMap((name) => (env[name] ? [{ name, value: env[name] }] : []));
    const [first, ...others] = given;
    if (!first) continue;
    const other = others.find(({ value }) => value !== first.value);
    if (other) problems.push(`${first.name} and ${other.name} are the same setting, but differ: unset one of them`);
    else settings.set(option.key, first);
  }
  return { settings, problems, warnings: warnOfUnknown(options, env) };
}

function warnOfUnknown(options: readonly Option[], env: Environment): string[] {
  const known = new Set(options.flatMap(variablesOf));
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && env[name] && !known.has(name) && !KUBERNETES.test(name))
    .toSorted()
    .map((name) => `${name} is no setting and has no effect; the nearest is ${nearest(name, known)}`);
}
