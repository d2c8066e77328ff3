import { describe, expect, it } from '@jest/globals';
import { findGoTime, toGoTime } from './go-time.ts';

describe('a time as Go prints it', () => {
  it.each([
    ['2025-03-04 05:06:07.61 +0000 UTC', '2025-03-04T05:06:07.61Z'],
    ['2025-03-04 05:06:07.610499251 +0000 UTC', '2025-03-04T05:06:07.610499251Z'],
    ['2025-03-04 05:06:07 +0000 UTC', '2025-03-04T05:06:07Z'],
    ['2025-03-04 00:30:07.5 +0100 CET m=+12.25', '2025-03-03T23:30:07.5Z'],
    ['2025-03-04 05:06:07.61-05:00', undefined],
    ['2025-03-04T05:06:07.610Z', '2025-03-04T05:06:07.610Z'],
    ['2025-03-04 05:06:07.61+00:00', '2025-03-04T05:06:07.61Z'],
    ['2025-13-04 05:06:07 +0000 UTC', undefined],
    ['yesterday', undefined],
  ])('%s is %s', (text, expected) => {
    expect(findGoTime(text)).toBe(expected);
  });

  it.each([
    ['2025-03-04T05:06:07.610Z', '2025-03-04 05:06:07.61 +0000 UTC'],
    ['2025-03-04T05:06:07.000Z', '2025-03-04 05:06:07 +0000 UTC'],
    ['2025-03-04T05:06:07.610499251Z', '2025-03-04 05:06:07.610499251 +0000 UTC'],
  ])('%s is written %s', (text, expected) => {
    expect(toGoTime(text)).toBe(expected);
  });
});
