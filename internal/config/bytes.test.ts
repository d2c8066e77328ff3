import { describe, expect, it } from '@jest/globals';
import { assert, nat, property } from 'fast-check';
import { formatBytes, parseBytes } from './bytes.ts';

describe('parseBytes', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['4MiB', 4_194_304],
    ['1.5 KiB', 1536],
    ['10MB', 10_000_000],
    ['1kB', 1000],
    ['2TiB', 2_199_023_255_552],
  ])('reads %s as %d', (text, size) => {
    expect(parseBytes(text)).toBe(size);
  });

  it.each(['', '4M', '4 mib', '-1', '1.5', '1e3', 'MiB', '99999999TiB', '4MiB '])('refuses %j', (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0B'],
    [1000, '1000B'],
    [1024, '1KiB'],
    [1536, '1536B'],
    [4_194_304, '4MiB'],
  ])('prints %d as %s', (size, text) => {
    expect(formatBytes(size)).toBe(text);
  });

  it('prints what parseBytes reads back as the same', () => {
    expect(() =>
      assert(property(nat({ max: 2 ** 50 }), (size) => parseBytes(formatBytes(size)) === size)),
    ).not.toThrow();
  });
});
