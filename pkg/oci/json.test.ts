import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { OciError } from './errors.ts';
import { parseStrictJson } from './json.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));
const levels = (count: number): string => '['.repeat(count) + ']'.repeat(count);

function detailOf(bytes: Uint8Array): string {
  try {
    parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof OciError && error.code === 'MANIFEST_INVALID') return error.detail.join();
    throw error;
  }
  return 'accepted';
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

describe('parseStrictJson', () => {
  it.each([
    ['a scalar', ' 1.5e3\n', 1500],
    ['escapes', '"\\u0041\\n\\"\\\\"', 'A\n"\\'],
    ['a surrogate pair in escapes', '"\\ud83d\\ude00"', '😀'],
    ['raw characters past the first plane', '"😀"', '😀'],
    ['a key in two sibling objects', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['a key again one level down', '{"a":{"a":1}}', { a: { a: 1 } }],
    ['a key that is also a value', '{"a":"b","b":"a"}', { a: 'b', b: 'a' }],
    ['colons and brackets in strings', '{"a":"}:[","]":"{"}', { a: '}:[', ']': '{' }],
    ['the largest double', '1.7976931348623157e308', Number.MAX_VALUE],
    ['the empty key', '{"":0}', { '': 0 }],
  ])('accepts %s', (_what, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ['nothing', '', 'not valid JSON'],
    ['bytes after the value', '{} {}', 'not valid JSON'],
    ['a comma too many', '[1,]', 'not valid JSON'],
    ['a comment', '{} // x', 'not valid JSON'],
    ['NaN', '[NaN]', 'not valid JSON'],
    ['Infinity', '[-Infinity]', 'not valid JSON'],
    ['a number that overflows', '{"size":1e999}', 'number out of range: 1e999'],
    ['a number that overflows in five characters', '2e308', 'number out of range: 2e308'],
    ['a negative number that overflows', '[-1e309]', 'number out of range: -1e309'],
    ['a string that does not end', '"abc', 'not valid JSON'],
    ['a string that ends in a backslash', '"abc\\', 'not valid JSON'],
    ['a raw line feed in a string', '"a\nb"', 'not valid JSON'],
    ['a broken escape', '"\\u12"', 'not valid JSON'],
    ['a colon without a key', '{:1}', 'not valid JSON'],
    ['brackets that do not match', '[}', 'not valid JSON'],
    ['closing brackets alone', ']]]', 'not valid JSON'],
    ['a NUL after the value', '{}\0', 'not valid JSON'],
    ['a byte order mark', '\uFEFF{}', 'starts with a byte order mark'],
    ['a high surrogate alone', '"\\ud800"', 'a string holds half a surrogate pair'],
    ['a low surrogate alone', '["\\uDC00x"]', 'a string holds half a surrogate pair'],
    ['surrogates the wrong way round', '"\\ude00\\ud83d"', 'a string holds half a surrogate pair'],
    ['a lone surrogate in a key', '{"\\udfff":1}', 'a string holds half a surrogate pair'],
    ['a key twice', '{"layers":[],"config":{},"layers":[]}', 'duplicate key "layers"'],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}', 'duplicate key "a"'],
    ['a key twice, far below', '[[{"x":[{"k":1,"k":1}]}]]', 'duplicate key "k"'],
    ['a key twice around a nested object', '{"a":{"b":1},"a":2}', 'duplicate key "a"'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'duplicate key "__proto__"'],
  ])('refuses %s', (_what, text, detail) => {
    expect(detailOf(Buffer.from(text))).toBe(detail);
  });

  it.each([
    ['a stray continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a sequence cut short', [0x22, 0xf0, 0x9f, 0x98, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses %s', (_what, bytes) => {
    expect(detailOf(Uint8Array.from(bytes))).toBe('not valid UTF-8');
  });

  it('accepts 64 levels and refuses the 65th', () => {
    expect(detailOf(Buffer.from(levels(64)))).toBe('accepted');
    expect(detailOf(Buffer.from(levels(65)))).toBe('nested deeper than 64 levels');
  });

  it.each([
    ['lists', levels(100_000)],
    ['objects', '{"a":'.repeat(100_000)],
  ])('refuses 100,000 levels of %s without running out of stack', (_what, text) => {
    expect(detailOf(Buffer.from(text))).toBe('nested deeper than 64 levels');
  });

  it('keeps a key __proto__ as a property and leaves prototypes alone', () => {
    const value = parse('{"__proto__":{"polluted":true}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
  });

  it('finds the one duplicate among a million keys', () => {
    const keys = Array.from({ length: 1_000_000 }, (_, index) => `"${index.toString(36)}":0`);
    expect(detailOf(Buffer.from(`{${keys.join()},"zz":0}`))).toBe('duplicate key "zz"');
  });

  it('gives back whatever JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary', maxDepth: 8 }), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('accepts of changed bytes only what is JSON, and answers the rest with MANIFEST_INVALID', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), drop: fc.nat({ max: 2 }) });
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.array(change, { minLength: 1, maxLength: 4 }), (text, changes) => {
        const bytes = [...Buffer.from(text)];
        for (const { at, byte, drop } of changes) bytes.splice(at % (bytes.length + 1), drop, byte);
        const changed = Buffer.from(bytes);
        expect(detailOf(changed) === 'accepted' && !isJson(changed)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
