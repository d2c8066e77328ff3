import { describe, expect, it } from '@jest/globals';
import { ReadBuffers } from './read-buffers.ts';

const KIB = 1024;
const MIB = KIB * KIB;

describe('ReadBuffers', () => {
  it('lends large buffers to quick readers, then small ones, and never more than 128 MiB', () => {
    const buffers = new ReadBuffers();
    const lent = Array.from({ length: 64 + 1024 }, () => buffers.take(MIB, 'quick'));
    expect(lent.slice(0, 64).every(({ bytes }) => bytes.length === MIB)).toBe(true);
    expect(lent.slice(64).every(({ bytes }) => bytes.length === 64 * KIB)).toBe(true);
    expect(lent.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(128 * MIB);
    expect(buffers.takeAhead('quick')).toBeUndefined();
    expect(buffers.inUse).toBe(64 + 1024);
    for (const slot of lent) slot.release();
    expect(buffers.inUse).toBe(0);
  });

  it('lends few large ones to readers that may be slow, then small ones, and keeps the others for the quick', () => {
    const buffers = new ReadBuffers();
    const lent = Array.from({ length: 1000 }, () => buffers.take(MIB, 'unknown'));
    expect(lent.filter(({ bytes }) => bytes.length === MIB)).toHaveLength(16);
    expect(lent.slice(16).every(({ bytes }) => bytes.length === 64 * KIB)).toBe(true);
    expect(buffers.takeAhead('unknown')).toBeUndefined();
    expect(buffers.take(MIB, 'quick').bytes.length).toBe(MIB);
    expect(buffers.takeAhead('quick')?.bytes.length).toBe(MIB);
    for (const slot of lent) slot.release();
    expect(buffers.takeAhead('unknown')?.bytes.length).toBe(MIB);
  });

  it('still serves a read, by a plain buffer that is smaller yet, when all are on loan', () => {
    const buffers = new ReadBuffers();
    const lent = Array.from({ length: 64 + 1024 }, () => buffers.take(MIB, 'quick'));
    expect(buffers.take(MIB, 'quick').bytes.length).toBe(16 * KIB);
    expect(buffers.take(MIB, 'unknown').bytes.length).toBe(16 * KIB);
    for (const slot of lent) slot.release();
  });

  it('spares its buffers for small content', () => {
    const buffers = new ReadBuffers();
    expect(buffers.take(16 * KIB, 'quick').bytes.length).toBe(16 * KIB);
    expect(buffers.take(10, 'unknown').bytes.length).toBe(10);
    expect(buffers.inUse).toBe(0);
  });
});
