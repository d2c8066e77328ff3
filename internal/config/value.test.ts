import { describe, expect, it } from '@jest/globals';
import type { Option, OptionType } from './option.ts';
import { printValue, readValue } from './value.ts';

const option = (type: OptionType, more: Partial<Option> = {}): Option => ({
  key: 'a.b',
  type,
  default: undefined,
  doc: 'A.',
  ...more,
});

describe('readValue, of a variable or flag', () => {
  it.each<[OptionType, string, unknown]>([
    ['string', 'a b', 'a b'],
    ['boolean', 'true', true],
    ['boolean', '1', true],
    ['boolean', 'false', false],
    ['boolean', '0', false],
    ['integer', '42', 42],
    ['port', '8080', 8080],
    ['duration', '1m30s', 90_000],
    ['bytes', '4MiB', 4_194_304],
    ['list', 'a, b,,c', ['a', 'b', 'c']],
    [['json', 'text'], 'text', 'text'],
  ])('reads a %s from %j', (type, text, value) => {
    expect(readValue(option(type), text, 'text')).toEqual({ value });
  });

  it.each<[OptionType, string]>([
    ['string', 'a\nb'],
    ['boolean', 'yes'],
    ['boolean', 'TRUE'],
    ['integer', '4.5'],
    ['integer', '-1'],
    ['integer', '99999999999999999999'],
    ['integer', '0x10'],
    ['port', '8080abc'],
    ['port', '0'],
    ['port', '70000'],
    ['duration', 'soon'],
    ['duration', '30'],
    ['bytes', '4M'],
    [['json', 'text'], 'xml'],
  ])('refuses for a %s %j', (type, text) => {
    expect(readValue(option(type), text, 'text')).toEqual({ must: expect.any(String) });
  });
});

describe('readValue, of a file', () => {
  it.each<[OptionType, unknown, unknown]>([
    ['string', 'a', 'a'],
    ['string', 4, '4'],
    ['boolean', true, true],
    ['port', 5000, 5000],
    ['duration', '2m', 120_000],
    ['duration', 30_000_000_000, 30_000],
    ['duration', 0, 0],
    ['bytes', 512, 512],
    ['bytes', '1KiB', 1024],
    ['list', ['a', 'b'], ['a', 'b']],
    ['list', 'a,b', ['a', 'b']],
    [['json', 'text'], 'json', 'json'],
  ])('reads a %s from %j', (type, raw, value) => {
    expect(readValue(option(type), raw, 'file')).toEqual({ value });
  });

  it.each<[OptionType, unknown]>([
    ['string', true],
    ['string', 1.5],
    ['string', ['a']],
    ['boolean', 'true'],
    ['boolean', 1],
    ['port', '5000'],
    ['port', 5000.5],
    ['duration', 30],
    ['duration', -1],
    ['duration', 1.5],
    ['duration', true],
    ['bytes', -1],
    ['list', [1]],
    ['list', ['']],
    ['list', ['a\nb']],
    [['json', 'text'], 1],
  ])('refuses for a %s %j', (type, raw) => {
    expect(readValue(option(type), raw, 'file')).toEqual({ must: expect.any(String) });
  });

  it('takes no number for a secret, whose leading zeros would be lost', () => {
    expect(readValue(option('string', { secret: true }), 7, 'file')).toEqual({ must: 'be text, in quotes' });
  });
});

describe('readValue', () => {
  it('counts empty text as not set where an option may be so, and refuses it elsewhere', () => {
    expect(readValue(option('string'), '', 'file')).toEqual({ value: undefined });
    expect(readValue(option('string', { default: './data' }), '', 'file')).toEqual({ must: 'not be empty' });
  });

  it('asks the rule of the option last', () => {
    const even = option('integer', { check: (value: number) => (value % 2 === 0 ? undefined : 'must be even') });
    expect(readValue(even, '4', 'text')).toEqual({ value: 4 });
    expect(readValue(even, '3', 'text')).toEqual({ must: 'be even' });
    expect(readValue(even, 'x', 'text')).toEqual({ must: 'be a whole number, not negative' });
  });
});

describe('printValue', () => {
  it.each<[OptionType, string | number | undefined, unknown]>([
    ['duration', 120_000, '2m0s'],
    ['bytes', 4_194_304, '4MiB'],
    ['port', 5000, 5000],
    ['string', 'a', 'a'],
    ['duration', undefined, undefined],
  ])('prints a %s of %j as %j', (type, value, printed) => {
    expect(printValue(type, value)).toBe(printed);
  });
});
