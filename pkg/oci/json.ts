import { excerpt } from './digest.ts';
import { OciError } from './errors.ts';

/** Deeper than any manifest in use (about 6), shallow enough for every reader's stack. */
const MAX_DEPTH = 64;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const QUOTE = 0x22;
const MINUS = 0x2d;
const NINE = 0x39;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The JSON value in `bytes`, accepted only where every reader would see the same value; else MANIFEST_INVALID.
 * Refused is what parsers disagree about: invalid UTF-8, a byte order mark, a key twice in one object (`"a"` and
 * `"\u0061"` are the same key), lone surrogates, numbers beyond a double's range, more than 64 levels, and anything
 * after the value. A key `__proto__` becomes an ordinary property. Linear in the length, without recursion.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  try {
    refuseAmbiguities(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof OciError) throw error;
    throw invalid('not valid JSON', error);
  }
}

function decode(bytes: Uint8Array): string {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch (error) {
    throw invalid('not valid UTF-8', error);
  }
  if (text.startsWith('\uFEFF')) throw invalid('starts with a byte order mark');
  return text;
}

/** Sees only to what JSON.parse lets pass; what is no JSON at all may go through here. */
function refuseAmbiguities(text: string): void {
  /** The keys so far of each object around the current place; undefined for a list. */
  const around: (Set<string> | undefined)[] = [];
  let last: Token = { start: 0, end: 0, escaped: false };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      last = scanString(text, at);
      at = last.end - 1;
    } else if (code === COLON) {
      addKey(around.at(-1), text, last); // a colon outside strings always follows a key
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (around.length === MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH} levels`);
      around.push(code === OPEN_OBJECT ? new Set() : undefined);
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      around.pop();
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      at = scanNumber(text, at) - 1;
    }
  }
}

interface Token {
  readonly start: number;
  /** Behind the closing quote. */
  readonly end: number;
  readonly escaped: boolean;
}

function scanString(text: string, start: number): Token {
  let escaped = false;
  let unicode = false;
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) break;
    if (code === BACKSLASH) {
      at++;
      escaped = true;
      unicode ||= text[at] === 'u';
    }
  }
  const token = { start, end: at + 1, escaped };
  // The decoder lets no raw surrogate through alone, so only an escape can make one.
  if (unicode && !valueOf(text, token).isWellFormed()) throw invalid('a string holds half a surrogate pair');
  return token;
}

function scanNumber(text: string, start: number): number {
  let end = start + 1;
  while (isInNumber(text.charCodeAt(end))) end++;
  // Shorter ones cannot overflow: the smallest that does is 2e308.
  if (end - start > 4 && Math.abs(Number(text.slice(start, end))) === Infinity) {
    throw invalid(`number out of range: ${excerpt(text.slice(start, end), 40)}`);
  }
  return end;
}

/** `+-.0123456789Ee`; past the end the code is NaN. */
function isInNumber(code: number): boolean {
  return (code >= 0x2b && code <= NINE && code !== 0x2c && code !== 0x2f) || code === 0x45 || code === 0x65;
}

function addKey(keys: Set<string> | undefined, text: string, token: Token): void {
  const key = valueOf(text, token);
  if (keys?.has(key)) throw invalid(`duplicate key ${JSON.stringify(excerpt(key, 80))}`);
  keys?.add(key);
}

function valueOf(text: string, { start, end, escaped }: Token): string {
  return escaped ? (JSON.parse(text.slice(start, end)) as string) : text.slice(start + 1, end - 1);
}

function invalid(detail: string, cause?: unknown): OciError {
  return new OciError('MANIFEST_INVALID', detail, cause);
}
