/** The command line with one form for everything: two dashes, and settings of the configuration apart. */
export interface Rewritten {
  readonly argv: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

const GO_FLAG = /^-[A-Za-z][^=]/;
const SETTING = /^--([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)(?:=(.*))?$/s;

/**
 * Go programs take `-config x` and `-config=x`; here one dash leads a single letter, so anything longer gets its second.
 * A flag with a dot is a setting: `--server.port=5001`, `--server.port 5001`; without a value it is switched on.
 */
export function rewriteArguments(argv: readonly string[]): Rewritten {
  const end = argv.indexOf('--');
  const before = (end < 0 ? argv : argv.slice(0, end)).map((arg) => (GO_FLAG.test(arg) ? `-${arg}` : arg));
  const rest: string[] = [];
  const settings: [string, string][] = [];
  for (let index = 0; index < before.length; index += 1) {
    const arg = before[index] ?? '';
    const [, key, value] = SETTING.exec(arg) ?? [];
    if (key === undefined) rest.push(arg);
    else if (value !== undefined) settings.push([key, value]);
    else {
      const next = before[index + 1];
      const hasValue = next !== undefined && !next.startsWith('-');
      settings.push([key, hasValue ? next : 'true']);
      if (hasValue) index += 1;
    }
  }
  return { argv: [...rest, ...(end < 0 ? [] : argv.slice(end))], settings: Object.fromEntries(settings) };
}
