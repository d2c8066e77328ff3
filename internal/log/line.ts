import type { Form } from './form.ts';
import { addFields, isPlainName, MAX_STRING } from './record.ts';
import type { Fields, LogLevel, LogStyle } from './types.ts';

/** What there is to write. */
export interface Entry {
  readonly level: LogLevel | 'fatal';
  readonly timeMs: number;
  readonly message: string;
  /** Of the logger: a field of the record's own goes before one of that name. */
  readonly bound: Fields | undefined;
  readonly fields: Fields | undefined;
}

// Names repeat from record to record, so that each is written once. They are ours, hence few.
const MAX_NAMES = 10_000;
const NO_FIELDS: Fields = {};

/**
 * Writes entries as the pairs of a line that begins with its time. Nearly all have none but plain values under names
 * that say nothing of secrets, and are written straight away; all others are made a record first.
 */
export function createLineWriter(form: Form, style: LogStyle): (entry: Entry) => string {
  const { separator, string, other } = form;
  const { messageKeys, levelOf } = style;
  const time = timeWriter(form, style.withMilliseconds);
  const levelName = separator + form.name('level');
  const messageNames = messageKeys.map((key) => separator + form.name(key));
  /** What goes before a plain value; null: not under that name. */
  const plainNames = new Map<string, string | null>();

  function nameOf(key: string): string | null {
    let name = plainNames.get(key);
    if (name === undefined) {
      name = isPlainName(key) && !messageKeys.includes(key) ? separator + form.name(key) : null;
      if (plainNames.size < MAX_NAMES) plainNames.set(key, name);
    }
    return name;
  }

  function plainPairs(fields: Fields): string | undefined {
    let text = '';
    for (const key in fields) {
      const value = fields[key];
      if (value === undefined) continue;
      const name = nameOf(key);
      if (name === null) return undefined;
      if (typeof value === 'string' && value.length <= MAX_STRING) text += name + string(value);
      else if (typeof value === 'number' || typeof value === 'boolean') text += name + other(value);
      else return undefined;
    }
    return text;
  }

  function recordOf({ level, message, bound, fields }: Entry): Record<string, unknown> {
    const record: Record<string, unknown> = { level: levelOf(level) };
    for (const key of messageKeys) record[key] = message;
    const withStack = level === 'error' || level === 'fatal';
    if (bound) addFields(record, bound, withStack);
    if (fields) addFields(record, fields, withStack);
    return record;
  }

  function pairsOf(record: Readonly<Record<string, unknown>>): string {
    let text = '';
    for (const key in record) {
      const value = record[key];
      if (value !== undefined)
        text += separator + form.name(key) + (typeof value === 'string' ? string(value) : other(value));
    }
    return text;
  }

  return (entry) => {
    const { level, timeMs, message, bound, fields = NO_FIELDS } = entry;
    const plain = bound ? undefined : plainPairs(fields);
    if (plain === undefined) return time(timeMs) + pairsOf(recordOf(entry));
    let text = time(timeMs) + levelName + string(levelOf(level));
    for (const name of messageNames) text += name + string(message);
    return text + plain;
  };
}

/** Many entries are of the same millisecond. */
function timeWriter({ name, string }: Form, withMilliseconds: boolean): (timeMs: number) => string {
  let lastMs = Number.NaN;
  let text = '';
  return (timeMs) => {
    if (timeMs !== lastMs) {
      lastMs = timeMs;
      const iso = new Date(timeMs).toISOString();
      text = name('time') + string(withMilliseconds ? iso : iso.replace(/\.\d+Z$/, 'Z'));
    }
    return text;
  };
}
