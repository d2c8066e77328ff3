import { parseBytes, parseDuration } from '../../../internal/config/index.ts';
import { UsageError, type CommandInput, type CommandOption } from '../../../internal/cli/index.ts';

type Options = CommandInput['options'];

/** `maxRounds` to `max-rounds`, as it was typed. */
const typed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The flag's text; undefined where it is not given. */
export function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

function parsed<T>(
  options: Options,
  name: string,
  parse: (text: string) => T | undefined,
  like: string,
): T | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value === undefined) throw new UsageError(`--${typed(name)} ${text} is not of the form ${like}`);
  return value;
}

const parseCount = (text: string): number | undefined => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined);

export const countOf = (options: Options, name: string): number | undefined => parsed(options, name, parseCount, '10');

/** Milliseconds. */
export const durationOf = (options: Options, name: string): number | undefined =>
  parsed(options, name, parseDuration, '500ms or 3s');

/** Bytes. */
export const sizeOf = (options: Options, name: string): number | undefined =>
  parsed(options, name, parseBytes, '64MiB');

/** Flags of every command that measures. */
export const ROUND_FLAGS: readonly CommandOption[] = [
  { flags: '--duration <time>', doc: 'of a round (default: 3s)' },
  { flags: '--rounds <count>', doc: 'of each workload, on each target in turn (default: 5)' },
  { flags: '--warmup <time>', doc: 'before the rounds of a workload, not counted (default: 1s)' },
  { flags: '--settle <time>', doc: 'that the machine gets to come to rest after a round, at most (default: 10s)' },
  { flags: '--processes <count>', doc: 'that make load (default: one, and more while they are the limit)' },
  { flags: '--large <size>', doc: 'of the large blob (default: 1GiB)' },
  { flags: '--tags <count>', doc: 'in the repository with many (default: 10000)' },
  { flags: '--json', doc: 'as JSON' },
  { flags: '--html <file>', doc: 'also as a page with charts' },
];

export interface RoundFlags {
  readonly durationMs: number;
  readonly rounds: number;
  readonly warmupMs: number;
  readonly settleMs: number;
  readonly processes: number | undefined;
  readonly largeBytes: number;
  readonly tags: number;
}

export function roundFlags(options: Options): RoundFlags {
  return {
    durationMs: durationOf(options, 'duration') ?? 3000,
    rounds: countOf(options, 'rounds') ?? 5,
    warmupMs: durationOf(options, 'warmup') ?? 1000,
    settleMs: durationOf(options, 'settle') ?? 10_000,
    processes: countOf(options, 'processes'),
    largeBytes: sizeOf(options, 'large') ?? 1024 ** 3,
    tags: countOf(options, 'tags') ?? 10_000,
  };
}
