import { formatBytes, parseBytes } from './bytes.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { ConfigValue, Option, OptionType } from './option.ts';

/** A value that an option refuses; `must` completes the sentence "it must ...". */
export interface Refusal {
  readonly must: string;
}
export type Reading = { readonly value: ConfigValue } | Refusal;

// Go writes a duration into JSON as nanoseconds, so a bare number is one of those.
const NS_PER_MS = 1_000_000;
const CONTROL = /\p{Cc}/u;

/**
 * What a source says of an option, as a value of the option's type. A variable and a flag are always text;
 * a file has numbers, booleans and lists of its own, and must use them.
 */
export function readValue(option: Option, raw: unknown, from: 'text' | 'file'): Reading {
  if (raw === '') return option.default === undefined ? { value: undefined } : { must: 'not be empty' };
  const reading = from === 'text' ? readText(option.type, String(raw)) : readTyped(option, raw);
  if ('must' in reading || reading.value === undefined) return reading;
  const complaint = (option.check as ((value: ConfigValue) => string | undefined) | undefined)?.(reading.value);
  return complaint === undefined ? reading : { must: complaint.replace(/^must /, '') };
}

/** A value as a file would say it: `2m0s`, `4MiB`. */
export function printValue(type: OptionType, value: ConfigValue): ConfigValue {
  if (typeof value !== 'number') return value;
  if (type === 'duration') return formatDuration(value);
  return type === 'bytes' ? formatBytes(value) : value;
}

function readText(type: OptionType, text: string): Reading {
  if (CONTROL.test(text)) return { must: 'not contain line breaks or other control characters' };
  switch (type) {
    case 'string':
      return { value: text };
    case 'boolean':
      if (text === 'true' || text === '1') return { value: true };
      return text === 'false' || text === '0' ? { value: false } : { must: 'be true or false' };
    case 'integer':
    case 'port':
      return /^-?\d{1,16}$/.test(text) ? readNumber(type, Number(text)) : readNumber(type, Number.NaN);
    case 'duration':
      return readDuration(text);
    case 'bytes':
      return readBytes(text);
    case 'list': {
      const entries = text.split(',').map((entry) => entry.trim());
      return { value: entries.filter((entry) => entry !== '') };
    }
    default:
      return type.includes(text) ? { value: text } : { must: `be one of ${type.join(', ')}` };
  }
}

function readTyped({ type, secret }: Option, raw: unknown): Reading {
  switch (type) {
    case 'boolean':
      return typeof raw === 'boolean' ? { value: raw } : { must: 'be true or false, without quotes' };
    case 'integer':
    case 'port':
      return readNumber(type, raw);
    case 'duration':
      return typeof raw === 'number' ? readNanoseconds(raw) : readDuration(raw);
    case 'bytes':
      return typeof raw === 'number' ? readNumber('bytes', raw) : readBytes(raw);
    case 'list':
      return readList(raw);
    case 'string':
    default:
      // `workers: 4` is plain enough; a password of digits is not: YAML would drop its leading zeros.
      if (typeof raw === 'number' && Number.isSafeInteger(raw) && !secret) return readText(type, String(raw));
      return typeof raw === 'string' ? readText(type, raw) : { must: 'be text, in quotes' };
  }
}

const RANGES = {
  port: { min: 1, max: 65_535, must: 'be a port, 1 to 65535' },
  bytes: { min: 0, max: Number.MAX_SAFE_INTEGER, must: 'be a size such as 4MiB, not negative' },
  integer: { min: 0, max: Number.MAX_SAFE_INTEGER, must: 'be a whole number, not negative' },
} as const;

function readNumber(type: keyof typeof RANGES, raw: unknown): Reading {
  const { min, max, must } = RANGES[type];
  return Number.isSafeInteger(raw) && Number(raw) >= min && Number(raw) <= max ? { value: Number(raw) } : { must };
}

function readDuration(raw: unknown): Reading {
  const ms = typeof raw === 'string' ? parseDuration(raw) : undefined;
  return ms === undefined ? { must: 'be a duration such as 30s or 1m30s, not negative' } : { value: ms };
}

function readNanoseconds(raw: number): Reading {
  if (!Number.isSafeInteger(raw) || raw < 0) return readDuration(raw);
  // Whoever writes 30 means seconds, and would get none.
  if (raw > 0 && raw < NS_PER_MS) return { must: `be a duration such as ${raw}s: a bare number counts nanoseconds` };
  return { value: Math.ceil(raw / NS_PER_MS) };
}

function readBytes(raw: unknown): Reading {
  const size = typeof raw === 'string' ? parseBytes(raw) : undefined;
  return size === undefined ? { must: RANGES.bytes.must } : { value: size };
}

function readList(raw: unknown): Reading {
  if (typeof raw === 'string') return readText('list', raw);
  if (!Array.isArray(raw) || raw.some((entry) => typeof entry !== 'string' || entry === '' || CONTROL.test(entry))) {
    return { must: 'be a list of texts' };
  }
  return { value: raw as string[] };
}
