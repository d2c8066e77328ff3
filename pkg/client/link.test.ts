import { describe, expect, it } from '@jest/globals';
import { findNextLink } from './link.ts';

describe('findNextLink', () => {
  it.each([
    ['</v2/a/tags/list?n=2&last=x>; rel="next"', '/v2/a/tags/list?n=2&last=x'],
    ['</x>;rel=next', '/x'],
    ['</x>; title="a, b; c"; REL="Next"', '/x'],
    ['</a>; rel="prev", </b>; rel="next"', '/b'],
    ['</a,b>; rel="first next"', '/a,b'],
    ['<>; rel=next', ''],
  ])('finds in %s the target', (header, target) => {
    expect(findNextLink(header)).toBe(target);
  });

  it.each([
    null,
    '',
    '</x>',
    '</x>; rel="prev"',
    '</x>; rel="nextish"',
    'x; rel=next',
    '</x; rel=next',
    '</x>, rel=next',
  ])('finds nothing in %j', (header) => {
    expect(findNextLink(header)).toBeUndefined();
  });
});
