import { invalid } from './exit-codes.ts';

/** The values of a flag that may be repeated, each a line of CSV: `a,b` is two, `"a,b"` one. */
export function splitValues(values: readonly string[]): readonly string[] {
  return values.flatMap(splitLine);
}

const FIELD = /("(?:[^"]|"")*"|[^,]*)(,|$)/sy;

function splitLine(line: string): readonly string[] {
  const fields: string[] = [];
  if (line === '') return fields;
  for (let at = 0; ;) {
    FIELD.lastIndex = at;
    const [whole = '', field = '', end] = FIELD.exec(line) ?? [];
    fields.push(/^".*"$/s.test(field) ? field.slice(1, -1).replaceAll('""', '"') : field);
    at += whole.length;
    if (end !== ',') return fields;
  }
}

/** `k=v` pairs, the last of a key counting. */
export function parseCustomValues(values: readonly string[]): Readonly<Record<string, string>> {
  const pairs = splitValues(values).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at <= 0 || at === pair.length - 1) {
      throw invalid(`invalid custom value '${pair}': it takes the form key=value, and neither may be empty`);
    }
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

const CHECKSUM = /^(?:sha256:)?([0-9a-f]{64})$/i;

/** 64 lower-case hex digits. */
export function parseChecksum(text: string): string {
  const [, hex] = CHECKSUM.exec(text.trim()) ?? [];
  if (hex === undefined) throw invalid('checksum must be 64 hexadecimal characters (SHA256)');
  return hex.toLowerCase();
}

export function parsePartition(text: string, flag: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw invalid(`${flag} must be a whole number from 0 on: not '${text}'`);
  return Number(text);
}
