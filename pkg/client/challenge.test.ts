import { describe, expect, it } from '@jest/globals';
import { parseChallenges } from './challenge.ts';

/** As plain objects, to be compared. */
const parse = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, params }) => ({ scheme, ...Object.fromEntries(params) }));

describe('parseChallenges', () => {
  it.each([
    ['Basic', [{ scheme: 'basic' }]],
    ['Basic realm="a b"', [{ scheme: 'basic', realm: 'a b' }]],
    [
      'Bearer realm="https://auth.example.com/token?a=1,2",service="reg",scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          realm: 'https://auth.example.com/token?a=1,2',
          service: 'reg',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
    ['bearer realm=https://a/b , error="x"', [{ scheme: 'bearer', realm: 'https://a/b', error: 'x' }]],
    [
      'Basic realm="a", Bearer REALM = "b",service=c',
      [
        { scheme: 'basic', realm: 'a' },
        { scheme: 'bearer', realm: 'b', service: 'c' },
      ],
    ],
    ['Bearer realm="a\\"b\\\\c"', [{ scheme: 'bearer', realm: 'a"b\\c' }]],
    ['Bearer realm="first",realm="second"', [{ scheme: 'bearer', realm: 'first' }]],
    ['Bearer realm=""', [{ scheme: 'bearer', realm: '' }]],
    [', ,', []],
    ['', []],
    ['realm="without a scheme"', []],
    ['"', []],
    ['==,;;{}', []],
  ])('reads %j', (header, challenges) => {
    expect(parse(header)).toEqual(challenges);
  });

  it('finds the challenge behind one of another syntax', () => {
    expect(parseChallenges('Negotiate YIIabc==, Basic realm="x"').at(-1)?.params.get('realm')).toBe('x');
  });

  it('takes no parameter from a string that does not end', () => {
    expect(parseChallenges('Bearer realm="http://a')[0]?.params.size).toBe(0);
  });

  it('does not let a parameter called __proto__ do anything', () => {
    expect(parseChallenges('Bearer __proto__=x')[0]?.params.get('__proto__')).toBe('x');
  });
});
