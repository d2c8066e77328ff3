import { describe, expect, it } from '@jest/globals';
import { TEXT_FORM } from './text.ts';

describe('TEXT_FORM', () => {
  it.each([
    ['plain', 'plain'],
    ['', '""'],
    ['a b', '"a b"'],
    ['a=b', '"a=b"'],
    ['a"b', '"a\\"b"'],
    ['a\\b', 'a\\b'],
    ['a \\b', '"a \\\\b"'],
    ['a\nb', '"a\\nb"'],
    ['a\r\tb', '"a\\r\\tb"'],
    ['\x1b[31m', '"\\x1b[31m"'],
    ['\x7f', '"\\x7f"'],
    ['\x9b', '"\\u009b"'],
    ['a\u2028b', '"a\\u2028b"'],
    ['a\u202eb', '"a\\u202eb"'],
    ['\u{e0001}', '"\\U000e0001"'],
    ['größe', 'größe'],
    ['größe é', '"größe é"'],
    [200, '200'],
    [true, 'true'],
    [null, 'null'],
    [['a', 1], '"[\\"a\\",1]"'],
  ])('writes %j as %s', (value, written) => {
    expect(typeof value === 'string' ? TEXT_FORM.string(value) : TEXT_FORM.other(value)).toBe(written);
  });

  it('quotes a key that would break the line', () => {
    expect([TEXT_FORM.name('a b'), TEXT_FORM.name('c')]).toEqual(['"a b"=', 'c=']);
  });
});
