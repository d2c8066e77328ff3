import { describe, expect, it } from '@jest/globals';
import { parseRepositoryName, parseTag } from './name.ts';
import { isLinkingTag, matchesTagPattern, tagPatternsFor, wrongOfTagRule } from './tag-rule.ts';

const HEX = 'a'.repeat(64);

describe('a rule of tags', () => {
  it.each(['release', 'v*', '*', 'team/**:v*', 'team/app:1.0.0', '**:prod-*'])('may be %s', (rule) => {
    expect(wrongOfTagRule(rule)).toBeUndefined();
  });

  it.each(['', ':', 'a:', ':v1', 'a b', 'Team/app:v1', 'team/**x:v1', 'a:b:c', 'v/1'])('may not be "%s"', (rule) => {
    expect(wrongOfTagRule(rule)).toEqual(expect.any(String));
  });

  it.each([
    ['team/app', ['v*', 'rc-*']],
    ['team/app/web', ['v*']],
    ['other', ['v*']],
  ])('is about tags of the repositories that it names: %s', (name, patterns) => {
    expect(tagPatternsFor(['v*', 'team/*:rc-*'], parseRepositoryName(name))).toEqual(patterns);
  });

  it.each([
    ['v1.0', true],
    ['V1.0', false],
    ['1.0-release', true],
    ['latest', false],
  ])('takes * for any part of a tag: %s', (tag, isMatched) => {
    expect(matchesTagPattern(['v*', '*-release'], parseTag(tag))).toBe(isMatched);
  });

  it.each([
    [`sha256-${HEX}`, true],
    [`sha256-${HEX}.sig`, true],
    [`sha512-${HEX}.att`, true],
    [`sha256-${HEX}0`, false],
    [`sha256-${HEX.slice(1)}`, false],
    [`sha256-${HEX}x`, false],
    ['v1.sig', false],
  ])('leaves out what clients must be able to move: %s', (tag, isLinking) => {
    expect(isLinkingTag(parseTag(tag))).toBe(isLinking);
    expect(matchesTagPattern(['*'], parseTag(tag))).toBe(!isLinking);
  });
});
