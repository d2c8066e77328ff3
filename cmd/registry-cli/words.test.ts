import { describe, expect, it } from '@jest/globals';
import { drawBar } from './bar.ts';
import { formatGoDuration, formatSize } from './words.ts';

describe('words of the contract', () => {
  it.each([
    [0, '0 B'],
    [5, '5 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [2000, '2.0 KiB'],
    [1024 ** 3, '1.0 GiB'],
    [1024 ** 5 * 2048, '2048.0 PiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it.each([
    [0.5, '500µs'],
    [12.3456, '12.346ms'],
    [1500, '1.5s'],
    [123_000, '2m3s'],
    [3_600_000, '1h0m0s'],
  ])('writes %d ms as Go does: %s', (ms, text) => {
    expect(formatGoDuration(ms)).toBe(text);
  });

  it('draws thirty cells where the length is known, and the bytes alone elsewhere', () => {
    expect(drawBar('Uploading', 1024, 2048)).toBe(
      `Uploading: [${'='.repeat(15)}${' '.repeat(15)}] 50.0% 1.0 KiB/2.0 KiB`,
    );
    expect(drawBar('Downloading', 2048, undefined)).toBe('Downloading: 2.0 KiB');
    expect(drawBar('Uploading', 0, 0)).toBe(`Uploading: [${'='.repeat(30)}] 100.0% 0 B/0 B`);
  });
});
