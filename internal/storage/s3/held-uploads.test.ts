import { beforeEach, describe, expect, it } from '@jest/globals';
import { uploadKey } from '../layout.ts';
import { newUploadId } from '../fixtures.suite.ts';
import { HeldUploads } from './held-uploads.ts';

describe('HeldUploads', () => {
  let nowMs: number;
  let held: HeldUploads;
  const keys = Array.from({ length: 3 }, () => uploadKey(newUploadId()));
  const [one, two, three] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];

  beforeEach(() => {
    nowMs = 0;
    held = new HeldUploads(100, () => nowMs);
  });

  it('keeps bytes until they are dropped', () => {
    expect(held.find(one)).toBeUndefined();
    expect(held.keep(one, Buffer.alloc(10))).toBe(true);
    expect(held.find(one)).toHaveLength(10);
    held.drop(one);
    held.drop(one);
    expect(held.find(one)).toBeUndefined();
    expect(held.keep(one, Buffer.alloc(100))).toBe(true);
  });

  it('keeps no more than it has room for', () => {
    expect(held.keep(one, Buffer.alloc(60))).toBe(true);
    expect(held.keep(two, Buffer.alloc(60))).toBe(false);
    expect(held.find(two)).toBeUndefined();
    expect(held.keep(one, Buffer.alloc(100))).toBe(true);
  });

  it('forgets what nobody has come back for', () => {
    held.keep(one, Buffer.alloc(60));
    nowMs = 59_999;
    held.keep(two, Buffer.alloc(40));
    expect(held.keep(three, Buffer.alloc(60))).toBe(false);
    nowMs = 60_000;
    expect(held.keep(three, Buffer.alloc(60))).toBe(true);
    expect([held.find(one), held.find(two)?.length]).toEqual([undefined, 40]);
  });
});
