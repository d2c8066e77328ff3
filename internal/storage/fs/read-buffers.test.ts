import { describe, expect, it } from '@jest/globals';
import { ReadBuffers } from './read-buffers.ts';

const KIB = 1024;

describe('ReadBuffers', () => {
  it('lends large buffers first, then small ones, and never more than 128 MiB', () => {
    const buffers = new ReadBuffers();
    const lent = Array.from({ length: 64 + 1024 }, () => buffers.takeAhead());
    expect(lent.slice(0, 64).every((slot) => slot?.bytes.length === 1024 * KIB)).toBe(true);
    expect(lent.slice(64).every((slot) => slot?.bytes.length === 64 * KIB)).toBe(true);
    expect(lent.reduce((sum, slot) => sum + (slot?.bytes.length ?? 0), 0)).toBe(128 * KIB * KIB);
    expect(buffers.takeAhead()).toBeUndefined();
    expect(buffers.inUse).toBe(64 + 1024);
    for (const slot of lent) slot?.release();
    expect(buffers.inUse).toBe(0);
  });

  it('still serves a read, by a plain buffer, when all are on loan', () => {
    const buffers = new ReadBuffers();
    const lent = Array.from({ length: 64 + 1024 }, () => buffers.takeAhead());
    expect(buffers.take(KIB * KIB).bytes.length).toBe(64 * KIB);
    for (const slot of lent) slot?.release();
  });

  it('spares its buffers for small content', () => {
    const buffers = new ReadBuffers();
    expect(buffers.take(64 * KIB).bytes.length).toBe(64 * KIB);
    expect(buffers.take(10).bytes.length).toBe(10);
    expect(buffers.inUse).toBe(0);
  });
});
