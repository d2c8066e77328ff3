import { describeError } from './errors.ts';
import { isSecretName, REDACTED, redactText } from './redact.ts';
import type { Fields } from './types.ts';

/** A value longer than this is cut: whatever a client sends, a line stays a line that one can read. */
export const MAX_STRING = 4096;
const MAX_STACK = 16_384;
const MAX_DEPTH = 4;
const MAX_ENTRIES = 50;

// Written by the logger itself; a field of that name gets an underscore in front.
const RESERVED = new Set(['time', 'level', 'msg']);
// Names repeat from record to record, so that each is judged once. They are ours, hence few.
const SECRET = new Map<string, boolean>();
const MAX_NAMES = 10_000;

/** How a contract has a secret shown that is set, and one that is not: neither tells anything. */
const TELLS_NOTHING = new Set<unknown>(['***', '(not set)']);

const masked = (value: unknown): unknown => (TELLS_NOTHING.has(value) ? value : REDACTED);

/** Whether a plain value of this name goes into a record as it is, after those that are there. */
export const isPlainName = (name: string): boolean => !RESERVED.has(name) && !isSecret(name) && !/^\d+$/.test(name); // objects have numbers before other names

/**
 * Adds fields to a record, as plain values that any JSON writer takes: bounded in length and depth,
 * errors taken apart, and nothing under a name that carries credentials.
 */
export function addFields(record: Record<string, unknown>, fields: Fields, withStack: boolean): void {
  for (const key in fields) {
    const value = fields[key];
    const name = RESERVED.has(key) ? `_${key}` : key;
    if (value === undefined) continue;
    else if (typeof value === 'number' || typeof value === 'boolean') record[name] = value;
    else if (isSecret(key)) record[name] = masked(value);
    else if (typeof value === 'string') record[name] = cut(value, MAX_STRING);
    else if (value instanceof Error) addError(record, name, value, withStack);
    else record[name] = plain(value, MAX_DEPTH);
  }
}

function addError(record: Record<string, unknown>, name: string, error: Error, withStack: boolean): void {
  const { error: message, causes, stack } = describeError(error, withStack && name === 'error');
  record[name] = cut(message, MAX_STRING);
  if (name !== 'error') return;
  if (causes !== undefined) record['causes'] = causes.map((cause) => cut(cause, MAX_STRING));
  if (stack !== undefined) record['stack'] = cut(stack, MAX_STACK);
}

function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cut(value, MAX_STRING);
    case 'bigint':
      return value.toString();
    case 'function':
    case 'symbol':
    case 'undefined':
      return undefined;
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : plainObject(value, depth);
    default:
      return String(value);
  }
}

function plainObject(value: object, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return describeError(value, false).error;
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((entry) => plain(entry, depth - 1));
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, isSecret(key) ? REDACTED : plain(entry, depth - 1)] as const),
  );
}

function isSecret(name: string): boolean {
  let secret = SECRET.get(name);
  if (secret === undefined) {
    secret = isSecretName(name);
    if (SECRET.size < MAX_NAMES) SECRET.set(name, secret);
  }
  return secret;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more)`;
}
