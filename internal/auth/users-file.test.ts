import { describe, expect, it } from '@jest/globals';
import { parseFileUsers } from './users-file.ts';

const HASH = '$2b$10$E6WUuA4HVPJvHKX8mhYU8ujNd1N7D5RcHFuabu1lf07HHxZScAL0S';
const user = (more: object) => ({ users: [{ username: 'alice', password: HASH, ...more }] });

describe('a file of users', () => {
  it.each(['$2a$', '$2b$', '$2y$'])('takes bcrypt hashes of the prefix %s', (prefix) => {
    const { users } = parseFileUsers(user({ password: HASH.replace('$2b$', prefix) }));
    expect([...users.keys()]).toEqual(['alice']);
  });

  it('takes both names of both members', () => {
    const { users } = parseFileUsers({ users: [{ name: 'bob', password_hash: HASH }] });
    expect(users.get('bob')?.password).toBe(HASH);
  });

  it('gives groups and roles', () => {
    const { users, bindings } = parseFileUsers(user({ groups: ['dev'], roles: ['reader', 'writer@team/**'] }));
    expect(users.get('alice')?.groups).toEqual(['dev']);
    expect(bindings).toEqual([
      { subject: 'user:alice', role: 'reader', pattern: '**' },
      { subject: 'user:alice', role: 'writer', pattern: 'team/**' },
    ]);
  });

  it('counts the last of two of one name, and its roles alone', () => {
    const [first, last] = [
      { username: 'alice', password: HASH, roles: ['admin'] },
      { username: 'alice', password: HASH, roles: ['reader'] },
    ];
    const { users, bindings } = parseFileUsers({ users: [first, last] });
    expect(users.size).toBe(1);
    expect(bindings.map(({ role }) => role)).toEqual(['reader']);
  });

  it('knows another password by another generation', () => {
    const generation = (password: string) => parseFileUsers(user({ password })).users.get('alice')?.generation;
    expect(generation(HASH)).toBe(generation(HASH));
    expect(generation(HASH)).not.toBe(generation(HASH.replace('S', 'T')));
  });

  it.each([
    ['there is no list of users', {}],
    ['there is no list of users', 'users'],
    ['there is no list of users', { users: { alice: HASH } }],
    ['user 1 has no valid username', { users: [{ password: HASH }] }],
    ['user 1 has no valid username', user({ username: 'a:b' })],
    ['the password of alice is no bcrypt hash', user({ password: 'secret' })],
    ['the password of alice is no bcrypt hash', user({ password: HASH.replace('$10$', '$31$') })],
    ['the password of alice is no bcrypt hash', user({ password: `${HASH}x` })],
    ['alice has a group of an invalid name: github:x', user({ groups: ['github:x'] })],
    ['the groups of alice are no list of names', user({ groups: [1] })],
    ['the role writer@A of alice is no pattern such as team/app, team/* or team/**', user({ roles: ['writer@A'] })],
    ['the role @a of alice is no role such as writer or writer@team/**', user({ roles: ['@a'] })],
  ])('is refused: %s', (message, tree) => {
    expect(() => parseFileUsers(tree)).toThrow(message);
  });

  it('says nothing of what it holds where it is refused', () => {
    expect(() => parseFileUsers(user({ password: 'my secret' }))).toThrow(expect.not.stringContaining('secret'));
  });

  it('leaves it to others what roles mean', () => {
    const users = [
      { username: 'alice', password: HASH, roles: ['admin@ops'] },
      { username: 'bob', password: HASH },
    ];
    const seen: unknown[] = [];
    const { bindings } = parseFileUsers({ users }, (listed) => {
      seen.push(...listed);
      return [{ subject: 'user:bob', role: 'reader', pattern: '**' }];
    });
    expect(seen).toEqual([
      { name: 'alice', roles: ['admin@ops'] },
      { name: 'bob', roles: [] },
    ]);
    expect(bindings).toEqual([{ subject: 'user:bob', role: 'reader', pattern: '**' }]);
  });
});
