import { describe, expect, it } from '@jest/globals';
import { matchesEntityTag, parseContentRange, parseRange } from './ranges.ts';

describe('parseRange', () => {
  it.each([
    ['bytes=2-4', { start: 2, end: 4 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=5-99', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-99', { start: 0, end: 9 }],
    ['Bytes=1-2', { start: 1, end: 2 }],
  ])('takes %s of ten bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it.each(['bytes=10-', 'bytes=99-', 'bytes=10-12', 'bytes=4-2', 'bytes=-0'])(
    'finds nothing of ten bytes in %s',
    (header) => {
      expect(parseRange(header, 10)).toBe('unsatisfiable');
    },
  );

  it.each([undefined, 'bytes=', 'bytes=-', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=a-b', 'bytes=1', 'bytes=--1'])(
    'ignores %s',
    (header) => {
      expect(parseRange(header, 10)).toBeUndefined();
    },
  );

  it('finds nothing in empty content', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
  });
});

describe('parseContentRange', () => {
  it.each([
    ['0-4', { start: 0, end: 4 }],
    ['bytes=5-9', { start: 5, end: 9 }],
    ['bytes 5-9/10', { start: 5, end: 9 }],
    ['5-9/*', { start: 5, end: 9 }],
  ])('reads %s', (header, range) => {
    expect(parseContentRange(header)).toEqual(range);
  });

  it.each([
    '0--1',
    '-1-4',
    '5-4',
    'a-b',
    '',
    '0-9007199254740993',
    '0-99999999999999999999',
    '1-2,4-5',
    '0-4 '.repeat(2),
  ])('refuses %j', (header) => {
    expect(parseContentRange(header)).toBe('invalid');
  });

  it('says nothing where there is no header', () => {
    expect(parseContentRange(undefined)).toBeUndefined();
  });
});

describe('matchesEntityTag', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('answers for %s', (header, matches) => {
    expect(matchesEntityTag(header, '"a"')).toBe(matches);
  });
});
