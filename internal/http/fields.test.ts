import { describe, expect, it } from '@jest/globals';
import { hasField } from './fields.ts';

describe('hasField', () => {
  const raw = ['Host', 'localhost', 'IF-NONE-MATCH', '"a"', 'accept', 'host-of-many', 'X-Empty', ''];

  it.each([
    ['host', true],
    ['if-none-match', true],
    ['accept', true],
    ['x-empty', true],
    ['hos', false],
    ['localhost', false],
    ['host-of-many', false],
  ])('%s: %j, whatever the case, and never by a value', (name, expected) => {
    expect(hasField(raw, name)).toBe(expected);
  });

  it('is false of a request without any', () => {
    expect(hasField([], 'host')).toBe(false);
  });
});
