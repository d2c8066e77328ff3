import { describe, expect, it } from '@jest/globals';
import { createStaticTokens, hashStaticToken } from './static-tokens.ts';
import type { Presented } from './sign-in.ts';

const ACCESS = { repositories: ['**'], actions: ['pull'] } as const;
const method = createStaticTokens([
  { name: 'ci', sha256: hashStaticToken('one'), access: ACCESS },
  { name: 'ops', sha256: hashStaticToken(' two '), access: ACCESS },
]);
const presented = (more: Partial<Presented>): Presented => ({
  basic: undefined,
  bearer: undefined,
  cookies: new Map(),
  certificate: undefined,
  address: '192.0.2.1',
  requestId: 'request',
  ...more,
});

describe('static tokens', () => {
  it.each([
    ['as a bearer token', { bearer: 'one' }, 'ci'],
    ['as a password with any name', { basic: { user: 'whoever', password: 'two' } }, 'ops'],
  ])('sign in %s', async (_, shown, name) => {
    expect(await method.signIn(presented(shown))).toEqual({
      kind: 'signedIn',
      identity: { principal: { kind: 'key', name, owner: undefined, access: ACCESS } },
      ambient: false,
    });
  });

  it('are not what is none of them: others are asked then', async () => {
    expect(await method.signIn(presented({ bearer: 'three' }))).toBeUndefined();
    expect(await method.signIn(presented({}))).toBeUndefined();
  });
});
