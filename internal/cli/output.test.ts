import { describe, expect, it } from '@jest/globals';
import { formatSize, printable, writeJson, writeTable } from './output.ts';
import { createStyle } from './style.ts';
import type { Writer } from './types.ts';

function capture(run: (writer: Writer) => void): string {
  let text = '';
  run({ write: (more) => (text += more) });
  return text;
}

describe('writeTable', () => {
  it('lines columns up and leaves nothing at the end of a line', () => {
    const rows = [
      ['key', 'value', 'origin'],
      ['a', 'longer value', ''],
      ['longer key', 'b', 'c'],
    ];
    expect(capture((writer) => writeTable(writer, rows))).toBe(
      'key         value         origin\na           longer value\nlonger key  b             c\n',
    );
  });

  it('writes nothing for no rows', () => {
    expect(capture((writer) => writeTable(writer, []))).toBe('');
  });

  it('lets no value move the cursor or end the line', () => {
    expect(capture((writer) => writeTable(writer, [['a\x1b[2J\n', 'b']]))).toBe('a\\u{1b}[2J\\u{a}  b\n');
  });
});

describe('printable', () => {
  it.each([
    ['größe ✓', 'größe ✓'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['\x9b', '\\u{9b}'],
  ])('writes %j as %j', (text, written) => {
    expect(printable(text)).toBe(written);
  });
});

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_572_864, '1.5 MiB'],
    [3 * 1024 ** 4, '3.0 TiB'],
    [3000 * 1024 ** 4, '3000.0 TiB'],
  ])('writes %i as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});

describe('writeJson', () => {
  it('writes a value that a program reads back', () => {
    expect(capture((writer) => writeJson(writer, { a: [1] }))).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });
});

describe('createStyle', () => {
  const terminal: Writer = { write: () => true, isTTY: true };
  it.each<[string, Writer, Record<string, string>, string]>([
    ['on a terminal', terminal, {}, '\x1b[31mx\x1b[39m'],
    ['not into a pipe', { write: () => true }, {}, 'x'],
    ['not with NO_COLOR', terminal, { NO_COLOR: '1' }, 'x'],
    ['with an empty NO_COLOR', terminal, { NO_COLOR: '' }, '\x1b[31mx\x1b[39m'],
    ['not on a dumb terminal', terminal, { TERM: 'dumb' }, 'x'],
  ])('colours %s', (_, writer, env, written) => {
    expect(createStyle(writer, env)('red', 'x')).toBe(written);
  });
});
