/** One record as a line of `key=value` pairs, quoted as Go's slog does; whatever the values hold, it stays one line. */
export function formatText(record: Readonly<Record<string, unknown>>): string {
  let line = '';
  for (const key in record) line += `${line === '' ? '' : ' '}${quote(key)}=${formatValue(record[key])}`;
  return `${line}\n`;
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  return typeof value === 'object' && value !== null ? quote(JSON.stringify(value)) : String(value);
}

// Printable without spaces, quotes and `=`; beyond ASCII letters, marks, numbers, punctuation and symbols.
const BARE_ASCII = /^[!#-<>-~]+$/;
const BARE = /^(?:[!#-<>-~]|(?![ -~])[\p{L}\p{M}\p{N}\p{P}\p{S}])+$/u;
const ESCAPED = /["\\]|[^ -~\p{L}\p{M}\p{N}\p{P}\p{S}]/gu;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function quote(text: string): string {
  if (BARE_ASCII.test(text) || BARE.test(text)) return text;
  return `"${text.replaceAll(ESCAPED, (char) => SHORT[char] ?? escapeCode(char))}"`;
}

function escapeCode(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
