import { describe, expect, it } from '@jest/globals';
import { findRepositoryName } from './name.ts';
import { nameOfSegment, segmentOf } from './segment.ts';

describe('a segment of a name', () => {
  it.each(['tool', 'a.b_c__d---e', '0_x'])('is the name itself where it may be: %s', (name) => {
    expect(segmentOf(name)).toBe(name);
    expect(nameOfSegment(name)).toBe(name);
  });

  it.each([
    ['MyTool', 'x--9lsl8rrfdg'],
    ['tool-', 'x--ehnmur1d'],
    ['a___b', 'x--c5flunr2'],
    ['x--foo', 'x--f0miqpjfds'],
    ['é', 'x--oekg'],
    ['a+b@c', 'x--c4lm4g33'],
  ])('encodes %j as %j, and back', (name, segment) => {
    expect(segmentOf(name)).toBe(segment);
    expect(findRepositoryName(segment)).toBe(segment);
    expect(nameOfSegment(segment)).toBe(name);
  });

  it.each([
    ['what would have been itself', 'x--ehnmur0'],
    ['bits that no byte has', 'x--9lsl8rrfdh'],
    ['half a byte more', 'x--9lsl8rrfdg0'],
    ['bytes that are no text', 'x--vvvg'],
    ['upper case', 'x--9LSL8RRFDG'],
    ['what is no component', 'a___b'],
    ['two of them', 'a/b'],
  ])('stands for nothing where it is %s', (_, segment) => {
    expect(nameOfSegment(segment)).toBeUndefined();
  });
});
