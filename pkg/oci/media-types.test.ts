import { describe, expect, it } from '@jest/globals';
import * as types from './media-types.ts';

const { findMediaType, ...constants } = types;

describe('media types', () => {
  it.each(Object.entries(constants))('finds %s in itself', (_name, type) => {
    expect(findMediaType(type)).toBe(type);
  });

  it.each([
    ['application/json; charset=utf-8', 'application/json'],
    ['application/json;', 'application/json'],
    [' Text/Plain ;a="b;c"', 'Text/Plain'],
    ['a/b', 'a/b'],
    [`${'a'.repeat(127)}/${'b'.repeat(127)}`, `${'a'.repeat(127)}/${'b'.repeat(127)}`],
  ])('finds in %j the type without parameters', (text, type) => {
    expect(findMediaType(text)).toBe(type);
  });

  it.each([
    [''],
    ['json'],
    ['/json'],
    ['application/'],
    ['application/json/x'],
    ['*/*'],
    ['application/*'],
    ['application/a b'],
    ['application/a,text/b'],
    ['application/a\n'.concat('x: y')],
    ['application/a\0'],
    ['application/\u00e9'],
    ['application/.a'],
    [`${'a'.repeat(128)}/b`],
    [`a/${'b'.repeat(128)}`],
    [';charset=utf-8'],
  ])('finds none in %j', (text) => {
    expect(findMediaType(text)).toBeUndefined();
  });
});
