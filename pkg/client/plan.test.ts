import { describe, expect, it } from '@jest/globals';
import { planStep, waitMs, type Step } from './plan.ts';
import type { Method } from './types.ts';

const limits = { origin: 'https://registry.example.com', maxRetries: 3, maxWaitMs: 30_000 };
const tries = { url: new URL('https://registry.example.com/v2/x'), hops: 0, waits: 0, challenged: false };

function plan(
  status: number,
  headers: Record<string, string>,
  change: Partial<typeof tries> = {},
  method: Method = 'GET',
): Step {
  return planStep(method, { ...tries, ...change }, { status, headers: new Headers(headers) }, limits, 0);
}

describe('planStep', () => {
  const challenge = { 'www-authenticate': 'Basic realm="x"' };
  const location = { location: '/y' };

  it.each([
    ['waits when it is told to', plan(429, { 'retry-after': '3' }), { kind: 'wait', ms: 3000 }],
    ['waits no longer than the limit', plan(429, { 'retry-after': '31' }), { kind: 'fail' }],
    ['waits no more often than the limit', plan(503, {}, { waits: 3 }), { kind: 'fail' }],
    ['answers a challenge', plan(401, challenge), { kind: 'authenticate', challenge: 'Basic realm="x"' }],
    ['answers a challenge once', plan(401, challenge, { challenged: true }), { kind: 'fail' }],
    ['answers no other host', plan(401, challenge, { url: new URL('https://cdn.example.com/') }), { kind: 'fail' }],
    [
      'answers no other scheme',
      plan(401, challenge, { url: new URL('http://registry.example.com/') }),
      { kind: 'fail' },
    ],
    ['has no answer to a 401 without a challenge', plan(401, {}), { kind: 'fail' }],
    ['has no answer to a challenge with 403', plan(403, challenge), { kind: 'fail' }],
    ['follows', plan(302, location), { kind: 'follow', url: new URL('https://registry.example.com/y') }],
    ['follows no sixth time', plan(302, location, { hops: 5 }), { kind: 'fail' }],
    [
      'follows with PUT where the method stays',
      plan(307, location, {}, 'PUT'),
      expect.objectContaining({ kind: 'follow' }),
    ],
    ['does not follow with PUT where it may change', plan(302, location, {}, 'PUT'), { kind: 'fail' }],
    ['does not go down to http', plan(307, { location: 'http://registry.example.com/' }), { kind: 'fail' }],
    ['does not use up redirects for 304', plan(304, location), { kind: 'fail' }],
  ])('%s', (_what, step, expected) => {
    expect(step).toEqual(expected);
  });
});

describe('waitMs', () => {
  it.each([
    [null, 1, 500],
    [null, 3, 2000],
    ['', 1, 500],
    ['0', 1, 0],
    [' 12 ', 1, 12_000],
    ['9'.repeat(400), 1, 2 ** 32 * 1000],
    ['-5', 1, 500],
    ['1.5e3', 1, 500],
    ['soon', 2, 1000],
    ['Thu, 01 Jan 1970 00:00:09 GMT', 1, 8000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 1, 0],
  ])('takes %j before retry %d as %d ms', (header, retry, ms) => {
    expect(waitMs(header, retry, 1000)).toBe(ms);
  });
});
