import convict from 'convict';
import type { ConfigValue, Option } from './option.ts';
import { readValue } from './value.ts';

/** The configuration as one schema with defaults, which values are laid over and which judges the result. */
export interface Schema {
  set(key: string, value: ConfigValue): void;
  /** Everything, flat by key, frozen. Throws where a value is not of its option's type. */
  validated(): Readonly<Record<string, ConfigValue>>;
}

// `list` and the numbers with a unit are ours; convict's own formats do for the rest.
convict.addFormats({
  duration: { validate: (value) => assertNumber(value) },
  bytes: { validate: (value) => assertNumber(value) },
  list: { validate: assertList },
});

/** One schema of all tables. A key that is there twice is a bug in the tables and throws. */
export function createSchema(options: readonly Option[]): Schema {
  const definition: Section = {};
  for (const option of options) place(definition, option.key, leafOf(option));
  // convict would read variables and flags itself; here they come from outside, with other rules.
  const schema = convict<Record<string, unknown>>(definition, {
    env: {},
    args: [],
  });
  return {
    set: (key, value) => void schema.set(key, value ?? null),
    validated() {
      schema.validate({ allowed: 'strict' });
      const entries = options.map(({ key }) => [key, (schema.get(key) as ConfigValue | null) ?? undefined] as const);
      for (const [, value] of entries) Object.freeze(value);
      return Object.freeze(Object.fromEntries(entries));
    },
  };
}

interface Section {
  [name: string]: Section | convict.SchemaObj<unknown>;
}

function place(top: Section, key: string, leaf: convict.SchemaObj<unknown>): void {
  const sections = key.split('.');
  const name = sections.pop() ?? key;
  let section = top;
  for (const each of sections) section = section[each] ??= {};
  if (name in section) throw new Error(`the option ${key} is in two tables`);
  section[name] = leaf;
}

function leafOf(option: Option): convict.SchemaObj<unknown> {
  return {
    doc: option.doc,
    format: formatOf(option),
    default: defaultOf(option) ?? null,
    nullable: option.default === undefined,
    sensitive: option.secret ?? false,
  };
}

/** The default as a value: options write it as a file would. */
export function defaultOf(option: Option): ConfigValue {
  if (option.default === undefined) return undefined;
  const reading = readValue(option, option.default, 'file');
  if ('must' in reading) throw new Error(`the default of ${option.key} must ${reading.must}`);
  return reading.value;
}

function formatOf({ type }: Option): convict.SchemaObj<unknown>['format'] {
  if (typeof type !== 'string') return [...type];
  if (type === 'string') return String;
  if (type === 'boolean') return Boolean;
  return type === 'integer' ? 'nat' : type;
}

function assertNumber(value: unknown): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new Error('must be a whole number, not negative');
}

function assertList(value: unknown): void {
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) throw new Error('must be a list');
}
