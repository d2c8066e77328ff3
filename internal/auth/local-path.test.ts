import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, property } from 'fast-check';
import { findLocalPath } from './local-path.ts';

describe('where a browser goes after it signed in', () => {
  it.each(['/', '/ui', '/ui/repositories?q=a%20b&n=1', '/ui#top', '/a//b', '/%C3%A9', '/ui?next=%2Fa', '/@team/app'])(
    'is a path of this server: %s',
    (path) => {
      expect(findLocalPath(path)).toBe(path);
    },
  );

  it.each([
    ...['', 'ui', 'evil.example', 'https://evil.example', 'http:/evil.example', 'javascript:alert(1)', 'data:,x'],
    ...[
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '\\/evil.example',
      '\\\\evil.example',
      '/\\/evil.example',
    ],
    ...['/%2fevil.example', '/%2Fevil.example', '/%5cevil.example', '%2f%2fevil.example', '/%252fevil.example'],
    ...[
      '/%25252fevil.example',
      '/%2525252fevil.example',
      '/.//evil.example',
      '/a/..//evil.example',
      '/%2e//evil.example',
    ],
    ...[
      '/\t/evil.example',
      '/\n/evil.example',
      '\t//evil.example',
      '/%09/evil.example',
      '/%0d%0aset-cookie:a=b',
      '/\u0000',
    ],
    ...['/\r\nlocation: //evil.example', '/\u2028', '/\u200b/evil.example', '/\u202e', ' /ui', ' //evil.example', '/%'],
    `/${'a'.repeat(2048)}`,
  ])('is nowhere else: %j', (path) => {
    expect(findLocalPath(path)).toBeUndefined();
  });

  it('never leads to another site, whatever is asked for', () => {
    const piece = constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5c',
      '%2e',
      '%25',
      '\t',
      '@',
      ':',
      'evil.example',
      '?',
      '#',
    );
    const hostAfter = (path: string): string =>
      new URL(findLocalPath(path) ?? '/', 'https://here.example/auth/callback/x').host;
    assert(
      property(array(piece, { maxLength: 8 }), (pieces) => {
        expect(hostAfter(`/${pieces.join('')}`)).toBe('here.example');
      }),
    );
    expect.hasAssertions();
  });
});
