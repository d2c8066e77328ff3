import { describe, expect, it } from '@jest/globals';
import { hashStaticToken } from '../../internal/auth/index.ts';
import { parseToken } from './tokens.ts';

const HASH = hashStaticToken('secret');

describe('a token of the configuration', () => {
  it('may do everything where it is a text', () => {
    expect(parseToken(' secret ', 0, 'foundry')).toEqual({
      name: 'token-1',
      sha256: HASH,
      access: { repositories: ['**'], actions: ['pull', 'push', 'create', 'update', 'delete', 'admin'] },
    });
  });

  it.each([
    [{ token: 'secret', scopes: ['read'] }, ['foundry/**'], ['pull']],
    [{ tokenSha256: HASH.toUpperCase(), scopes: ['write'] }, ['foundry/**'], ['push', 'create', 'update']],
    [{ token: 'secret', scopes: ['read', 'gc'] }, ['**'], ['pull', 'admin']],
    [{ token: 'secret', packages: ['team-*'], scopes: ['delete'] }, ['foundry/team-*'], ['delete']],
    [
      { token: 'secret', packages: ['MyTool', 'a/b'], scopes: ['read'] },
      ['foundry/x--9lsl8rrfdg', 'foundry/a/b'],
      ['pull'],
    ],
    [
      { token: 'secret', packages: ['a'] },
      ['foundry/a'],
      ['pull', 'push', 'create', 'update', 'delete'], // all but to collect, which is not of some packages
    ],
  ])('may do what %j says', (entry, repositories, actions) => {
    expect(parseToken(entry, 0, 'foundry')).toEqual({
      name: 'token-1',
      sha256: HASH,
      access: { repositories, actions },
    });
  });

  it.each([
    ['', 'is empty'],
    [7, 'must be a text, or an object with a token'],
    [{}, 'must have a token or its tokenSha256'],
    [{ token: 'canary', tokenSha256: HASH }, 'must have a token or its tokenSha256'],
    [{ token: 'canary', scopes: ['admin'] }, 'must have scopes among read, write, delete, gc'],
    [{ token: 'canary', scopes: 'read' }, 'must have scopes among'],
    [{ token: 'canary', packages: ['Team-*'] }, 'has the packages Team-*, which is no pattern'],
    [{ token: 'canary', packages: ['a'], scopes: ['gc'] }, 'has the scope gc, which is not of some packages'],
    [{ token: 'canary', rights: [] }, 'has rights, which is none of'],
    [{ token: 'canary', name: 'a b' }, 'must have a plain name'],
  ])('that is wrong (%j) is refused without being told', (entry, reason) => {
    const parse = () => parseToken(entry, 1, 'foundry');
    expect(parse).toThrow(`auth.tokens: entry 2 ${reason}`);
    expect(parse).not.toThrow('canary');
  });
});
