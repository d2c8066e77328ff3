import type { Form } from './form.ts';

/** Pairs of `key=value`, quoted as Go's slog does; what is neither text nor a number is quoted JSON. */
export const TEXT_FORM: Form = {
  separator: ' ',
  name: (name) => `${quote(name)}=`,
  string: quote,
  other: (value) => {
    const json = JSON.stringify(value);
    return typeof value === 'object' && value !== null ? quote(json) : json;
  },
};

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
