import { describe, expect, it } from '@jest/globals';
import { buffersPerPart, copyBytes, LIMITS } from './limits.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

describe('the sizes of parts', () => {
  it.each([
    [9 * MIB, 1],
    [4 * GIB, 1],
    [4 * GIB + 1, 2],
    [12 * GIB, 3],
    [16 * GIB, 4],
    [16 * GIB + 1, undefined],
  ])('of %d bytes that go straight to their place are %p times the usual', (sizeBytes, times) => {
    expect(buffersPerPart(LIMITS, sizeBytes)).toBe(times);
  });

  it.each([
    [2 * GIB, 256 * MIB],
    [128 * GIB, 256 * MIB],
    [1024 * GIB, 2 * GIB],
    [5 * 1024 * GIB, 5 * GIB],
  ])('of %d bytes that are copied are %d', (sizeBytes, partBytes) => {
    expect(copyBytes(LIMITS, sizeBytes)).toBe(partBytes);
  });

  it('make no more parts of the largest object than S3 takes, in however many pieces it came', () => {
    const largest = 5 * 1024 * GIB;
    const copied = Math.ceil(largest / copyBytes(LIMITS, largest));
    const piecesOfOneRequest = Math.ceil(largest / (LIMITS.partBytes * LIMITS.mostParts));
    // At worst, each piece adds one part that is copied and one that is sent.
    expect(copied + 2 * (LIMITS.mostPieces + piecesOfOneRequest)).toBeLessThanOrEqual(10_000);
  });
});
