import { describe, expect, it } from '@jest/globals';
import { createRequestId } from './request-id.ts';

describe('createRequestId', () => {
  it('never gives the same id twice', () => {
    const ids = new Set(Array.from({ length: 1000 }, createRequestId));
    expect(ids.size).toBe(1000);
    expect([...ids].every((id) => /^[0-9a-f-]{36}$/.test(id))).toBe(true);
  });
});
