/** How an option's text is read: durations as `1m30s` (Go syntax) into milliseconds, sizes as `4MiB` into bytes. */
export type OptionType = 'string' | 'boolean' | 'integer' | 'port' | 'duration' | 'bytes' | 'list' | readonly string[];

/** What an option is once read. */
export type ConfigValue = string | number | boolean | readonly string[] | undefined;

/**
 * One setting of one part. A part's `options.ts` is a table of these and imports nothing of the part,
 * so that the configuration can be read without loading it.
 */
export interface Option {
  /** Dotted, as in the file: `server.port`. A `*` stands for a name that the user gives: `auth.oauth.*.issuer`. */
  readonly key: string;
  readonly type: OptionType;
  /** The default as a file would say it (`'30s'`, `'4MiB'`, `5000`); undefined where there is none. */
  readonly default: string | number | boolean | readonly string[] | undefined;
  /** Irregular names of the environment variable, besides the regular `OCTOSERVE_<KEY>`. */
  readonly env?: readonly string[];
  /** One sentence for people. */
  readonly doc: string;
  /** Masked wherever the configuration is printed. */
  readonly secret?: boolean;
  /** A rule beyond the type: what the read value must be (`must be ...`), or undefined where it is fine. */
  readonly check?: (value: never) => string | undefined;
  /** The key of an option without which this one is an error. */
  readonly needs?: string;
  /** The key of an option without which this one does nothing, which is worth a warning. */
  readonly idleWithout?: string;
}

type ValueOf<T extends OptionType> = T extends 'string'
  ? string
  : T extends 'boolean'
    ? boolean
    : T extends 'list'
      ? readonly string[]
      : T extends readonly (infer Choice)[]
        ? Choice
        : number;

type KeyOf<Key extends string> = Key extends `${infer Before}.*.${infer After}` ? `${Before}.${string}.${After}` : Key;

/** The frozen, flat configuration that tables of options make: `config['server.port']` is a number. */
export type ConfigOf<Options extends readonly Option[]> = {
  readonly [O in Options[number] as KeyOf<O['key']>]: O['default'] extends undefined
    ? ValueOf<O['type']> | undefined
    : ValueOf<O['type']>;
};
