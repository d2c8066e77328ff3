import { beforeEach, describe, expect, it, afterEach } from '@jest/globals';
import { at, freshRepository, freshUploadId, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog, CommandArgs, KeyRow, UserRow } from './types.ts';

const NOBODY: Omit<CommandArgs<'createUser'>, 'name' | 'by' | 'nowMs'> = {
  password: undefined,
  email: undefined,
  displayName: undefined,
  groups: [],
  roles: [],
};
const ROBOT = { owner: undefined, repositories: ['team/*'], actions: ['pull'], expiresMs: undefined } as const;
const BINDING = { subject: 'user:alice', role: 'reader', pattern: 'team/**' } as const;

export function describeAuth(open: OpenCatalog): void {
  describe('who there is', () => {
    describePeople(open);
  });
}

function describePeople(open: OpenCatalog): void {
  let catalog: Catalog;
  beforeEach(async () => {
    catalog = await open();
  });
  afterEach(async () => {
    await catalog.close();
  });

  const addUser = (name: string, more: Partial<CommandArgs<'createUser'>> = {}) =>
    catalog.run('createUser', { ...at(), ...NOBODY, name, ...more });
  const addKey = (name: string, more: Partial<CommandArgs<'createKey'>> = {}) =>
    catalog.run('createKey', { ...at(), ...ROBOT, name, hash: `hash of ${name}`, ...more });
  const bind = (more: Partial<CommandArgs<'putBinding'>> = {}) =>
    catalog.run('putBinding', { ...at(), ...BINDING, known: ['reader'], ...more });
  const bindings = async () => (await catalog.queries.readPolicy()).bindings;
  const token = (subject: string, hash: string) =>
    catalog.run('addRefreshToken', { hash, subject, generation: 1, scope: '{}', nowMs: 1, expiresMs: 9 });

  /** The log that is not about content, as `action name`. */
  async function told(): Promise<readonly string[]> {
    await catalog.run('sealChanges', { nowMs: 1, limit: 1000 });
    return (await catalog.queries.listChanges({ limit: 1000 })).map(({ action, name }) => `${action} ${name}`);
  }

  /** An upload of that principal; says whether it still goes on. */
  async function upload(principal: string): Promise<() => Promise<boolean>> {
    const [id, repository] = [freshUploadId(), freshRepository()];
    const by = at(1000, principal);
    await catalog.run('createUpload', { ...by, id, repository, algorithm: 'sha256', limitEach: 9, limitAll: 99 });
    return async () => (await catalog.queries.findUpload(id)) !== undefined;
  }

  describe('users', () => {
    it('are as they were made', async () => {
      const given = { password: 'phc', email: 'a@example.com', displayName: 'Alice', groups: ['b', 'a'] };
      expect(await addUser('alice', { ...given, nowMs: 7 })).toEqual({ kind: 'created' });
      const row: UserRow = {
        name: 'alice',
        password: 'phc',
        email: 'a@example.com',
        displayName: 'Alice',
        disabled: false,
        generation: 7,
        createdMs: 7,
        signedInMs: undefined,
        groups: ['a', 'b'],
      };
      expect(await catalog.queries.findUser('alice')).toEqual(row);
    });

    it('keep their name to themselves', async () => {
      await addUser('alice', { password: 'first' });
      expect(await addUser('alice', { password: 'second', groups: ['admins'] })).toEqual({ kind: 'exists' });
      expect(await catalog.queries.findUser('alice')).toMatchObject({ password: 'first', groups: [] });
    });

    it('come in pages with their own groups each', async () => {
      for (const name of ['b', 'a', 'c']) await addUser(name, { groups: [`of-${name}`, 'all'] });
      const page = await catalog.queries.listUsers({ after: 'a', limit: 2 });
      expect(page.map(({ name, groups }) => [name, groups])).toEqual([
        ['b', ['all', 'of-b']],
        ['c', ['all', 'of-c']],
      ]);
      expect(await catalog.queries.listUsers({ after: 'c', limit: 2 })).toEqual([]);
    });

    it('get their roles in the same transaction', async () => {
      await addUser('root', { roles: [{ role: 'admin', pattern: '**' }] });
      expect(await bindings()).toEqual([{ subject: 'user:root', role: 'admin', pattern: '**' }]);
      expect(await told()).toEqual(['user.create root', 'binding.put user:root admin **']);
    });

    it('change in what is given, and in nothing else', async () => {
      await addUser('alice', { password: 'phc', email: 'a@example.com', groups: ['dev'] });
      await catalog.run('updateUser', { ...at(), name: 'alice', displayName: 'Alice' });
      await catalog.run('updateUser', { ...at(), name: 'alice', email: null, groups: ['ops'] });
      const { password, email, displayName, groups } = (await catalog.queries.findUser('alice')) ?? {};
      expect([password, email, displayName, groups]).toEqual(['phc', undefined, 'Alice', ['ops']]);
    });

    it('are absent where they are not there', async () => {
      expect(await catalog.run('updateUser', { ...at(), name: 'alice', disabled: true })).toEqual({ kind: 'absent' });
      expect(await catalog.run('deleteUser', { ...at(), name: 'alice' })).toEqual({ kind: 'absent' });
      expect(await catalog.queries.findUser('alice')).toBeUndefined();
    });

    it.each([
      ['a new password', { password: 'new' }],
      ['being disabled', { disabled: true }],
    ])('lose tokens and uploads by %s, and those of their keys', async (_, change) => {
      await addUser('alice', { password: 'old', nowMs: 5 });
      await addKey('hers', { owner: 'alice' });
      const alive = await Promise.all(['user:alice', 'key:hers', 'user:bob'].map(upload));
      for (const subject of ['user:alice', 'key:hers', 'user:bob']) await token(subject, subject);
      await catalog.run('updateUser', { ...at(6), name: 'alice', ...change });
      expect(await Promise.all(alive.map((check) => check()))).toEqual([false, false, true]);
      const left = ['user:alice', 'key:hers', 'user:bob'].map((hash) => catalog.queries.findRefreshToken(hash));
      expect((await Promise.all(left)).map((row) => row?.subject)).toEqual([undefined, undefined, 'user:bob']);
      expect((await catalog.queries.findUser('alice'))?.generation).toBe(6);
    });

    it('come to another generation also where the clock stood still or went back', async () => {
      await addUser('alice', { nowMs: 50 });
      await catalog.run('updateUser', { ...at(40), name: 'alice', password: 'new' });
      expect((await catalog.queries.findUser('alice'))?.generation).toBe(51);
    });

    it('keep tokens and uploads where only their name or groups change', async () => {
      await addUser('alice', { nowMs: 5 });
      const isAlive = await upload('user:alice');
      await token('user:alice', 'hash');
      await catalog.run('updateUser', { ...at(6), name: 'alice', displayName: 'A', groups: ['dev'], disabled: false });
      expect(await isAlive()).toBe(true);
      expect(await catalog.queries.findRefreshToken('hash')).toMatchObject({ subject: 'user:alice' });
      expect((await catalog.queries.findUser('alice'))?.generation).toBe(5);
    });

    it('leave nothing to whoever gets their name next', async () => {
      await addUser('alice', { groups: ['dev'], roles: [{ role: 'admin', pattern: '**' }] });
      await addKey('hers', { owner: 'alice' });
      await bind({ subject: 'key:hers' });
      await bind({ subject: 'user:bob' });
      await token('user:alice', 'token');
      await catalog.run('inviteUser', { ...at(), name: 'alice', hash: 'link', expiresMs: 5000 });
      const isAlive = await upload('user:alice');
      expect(await catalog.run('deleteUser', { ...at(), name: 'alice' })).toEqual({ kind: 'deleted' });
      await addUser('alice', { nowMs: 2000 });
      expect(await catalog.queries.findUser('alice')).toMatchObject({ groups: [], generation: 2000 });
      expect(await bindings()).toEqual([{ ...BINDING, subject: 'user:bob' }]);
      expect(await catalog.queries.findKey('hers')).toBeUndefined();
      expect(await catalog.queries.findRefreshToken('token')).toBeUndefined();
      expect(await catalog.queries.findInvitation('link', 1)).toBeUndefined();
      expect(await isAlive()).toBe(false);
      expect(await told()).toEqual(expect.arrayContaining(['user.delete alice', 'key.delete hers']));
    });

    it('tell the log that a password changed, and not a word of it', async () => {
      await addUser('alice', { password: 'secret one' });
      await catalog.run('updateUser', { ...at(), name: 'alice', password: 'secret two', groups: ['dev'] });
      await catalog.run('sealChanges', { nowMs: 1, limit: 1000 });
      const text = JSON.stringify(await catalog.queries.listChanges({ limit: 1000 }));
      expect(text).toContain('password');
      expect(text).not.toContain('secret');
    });

    it('were last seen when it is noted, without a word to caches', async () => {
      await addUser('alice');
      const version = await catalog.queries.authVersion();
      await catalog.run('noteSignIns', { signIns: [{ name: 'alice', timeMs: 77 }] });
      expect((await catalog.queries.findUser('alice'))?.signedInMs).toBe(77);
      expect(await catalog.queries.authVersion()).toBe(version);
    });
  });

  describe('invitations', () => {
    const invite = (hash: string, expiresMs = 5000) =>
      catalog.run('inviteUser', { ...at(), name: 'alice', hash, expiresMs });
    const accept = (hash: string, nowMs = 1000) =>
      catalog.run('acceptInvitation', { ...at(nowMs, 'anonymous'), hash, password: `by ${hash}` });

    it('set a password once', async () => {
      await addUser('alice');
      expect(await invite('link')).toEqual({ kind: 'invited' });
      expect(await catalog.queries.findInvitation('link', 1000)).toBe('alice');
      expect(await accept('link')).toBe('alice');
      expect(await accept('link')).toBeUndefined();
      expect((await catalog.queries.findUser('alice'))?.password).toBe('by link');
    });

    it.each([
      ['when they are too old', 'link', 5000],
      ['where they never were', 'other', 1000],
    ])('open nothing %s', async (_, hash, nowMs) => {
      await addUser('alice', { password: 'old' });
      await invite('link', 5000);
      expect(await catalog.queries.findInvitation(hash, nowMs)).toBeUndefined();
      expect(await accept(hash, nowMs)).toBeUndefined();
      expect((await catalog.queries.findUser('alice'))?.password).toBe('old');
    });

    it('take the place of earlier ones', async () => {
      await addUser('alice');
      await invite('first');
      await invite('second');
      expect(await accept('first')).toBeUndefined();
      expect(await accept('second')).toBe('alice');
    });

    it.each([
      ['a new password', { password: 'new' }],
      ['being disabled', { disabled: true }],
    ])('end with %s', async (_, change) => {
      await addUser('alice');
      await invite('link');
      await catalog.run('updateUser', { ...at(), name: 'alice', ...change });
      expect(await catalog.queries.findInvitation('link', 1000)).toBeUndefined();
      expect(await accept('link')).toBeUndefined();
    });

    it('need somebody to invite', async () => {
      expect(await invite('link')).toEqual({ kind: 'absent' });
    });
  });

  describe('keys', () => {
    it('are found by name and by hash', async () => {
      expect(await addKey('ci', { expiresMs: 99, nowMs: 3 })).toEqual({ kind: 'created' });
      const row: KeyRow = {
        name: 'ci',
        owner: undefined,
        repositories: ['team/*'],
        actions: ['pull'],
        createdMs: 3,
        expiresMs: 99,
        usedMs: undefined,
      };
      expect(await catalog.queries.findKey('ci')).toEqual(row);
      expect(await catalog.queries.findKeyByHash('hash of ci')).toEqual(row);
      expect(await catalog.queries.findKeyByHash('ci')).toBeUndefined();
      expect(await catalog.queries.listKeys({ limit: 9 })).toEqual([row]);
    });

    it('keep their name to themselves', async () => {
      await addKey('ci');
      expect(await addKey('ci', { hash: 'another' })).toEqual({ kind: 'exists' });
      expect(await catalog.queries.findKeyByHash('another')).toBeUndefined();
    });

    it('have no owner who is not there', async () => {
      expect(await addKey('ci', { owner: 'nobody' })).toEqual({ kind: 'ownerAbsent' });
      expect(await catalog.queries.findKey('ci')).toBeUndefined();
    });

    it('change in what is given, and in nothing else', async () => {
      await addKey('ci', { expiresMs: 99 });
      await catalog.run('updateKey', { ...at(), name: 'ci', actions: ['push'] });
      await catalog.run('updateKey', { ...at(), name: 'ci', expiresMs: null });
      const changed = { repositories: ['team/*'], actions: ['push'], expiresMs: undefined };
      expect(await catalog.queries.findKey('ci')).toMatchObject(changed);
      expect(await catalog.run('updateKey', { ...at(), name: 'no' })).toEqual({ kind: 'absent' });
    });

    it('go with their bindings, tokens and uploads', async () => {
      await addKey('ci');
      await bind({ subject: 'key:ci' });
      await token('key:ci', 'token');
      const isAlive = await upload('key:ci');
      expect(await catalog.run('deleteKey', { ...at(), name: 'ci' })).toEqual({ kind: 'deleted' });
      expect(await catalog.queries.findKeyByHash('hash of ci')).toBeUndefined();
      expect(await bindings()).toEqual([]);
      expect(await catalog.queries.findRefreshToken('token')).toBeUndefined();
      expect(await isAlive()).toBe(false);
      expect(await catalog.run('deleteKey', { ...at(), name: 'ci' })).toEqual({ kind: 'absent' });
    });

    it('were last used when it is noted, without a word to caches', async () => {
      await addKey('ci');
      const version = await catalog.queries.authVersion();
      await catalog.run('noteKeyUses', { uses: [{ name: 'ci', timeMs: 77 }] });
      expect((await catalog.queries.findKey('ci'))?.usedMs).toBe(77);
      expect(await catalog.queries.authVersion()).toBe(version);
    });
  });

  describe('roles and bindings', () => {
    it('are read all at once', async () => {
      await catalog.run('putRole', { ...at(), name: 'add', actions: ['push', 'create'] });
      await bind({ role: 'add' });
      await bind();
      expect(await catalog.queries.readPolicy()).toEqual({
        roles: [{ name: 'add', actions: ['push', 'create'] }],
        bindings: [{ ...BINDING, role: 'add' }, BINDING],
      });
    });

    it('bind no role that is not there', async () => {
      expect(await bind({ role: 'own' })).toEqual({ kind: 'roleAbsent' });
      expect(await bindings()).toEqual([]);
    });

    it('bind once, and tell it once', async () => {
      expect([await bind(), await bind()]).toEqual([{ kind: 'stored' }, { kind: 'stored' }]);
      expect(await told()).toEqual(['binding.put user:alice reader team/**']);
    });

    it('are taken back', async () => {
      await bind();
      expect(await catalog.run('deleteBinding', { ...at(), ...BINDING })).toEqual({ kind: 'deleted' });
      expect(await catalog.run('deleteBinding', { ...at(), ...BINDING })).toEqual({ kind: 'absent' });
      expect(await bindings()).toEqual([]);
    });

    it('keep a role that somebody has', async () => {
      await catalog.run('putRole', { ...at(), name: 'own', actions: ['pull'] });
      await bind({ role: 'own' });
      const remove = () => catalog.run('deleteRole', { ...at(), name: 'own' });
      expect(await remove()).toEqual({ kind: 'bound', subject: 'user:alice' });
      await catalog.run('deleteBinding', { ...at(), ...BINDING, role: 'own' });
      expect([await remove(), await remove()]).toEqual([{ kind: 'deleted' }, { kind: 'absent' }]);
    });

    it('change what a role may', async () => {
      for (const actions of [['pull'], ['push']]) await catalog.run('putRole', { ...at(), name: 'own', actions });
      expect((await catalog.queries.readPolicy()).roles).toEqual([{ name: 'own', actions: ['push'] }]);
    });
  });

  describe('tokens', () => {
    it('are kept as they were given', async () => {
      await token('user:alice', 'hash');
      const row = { subject: 'user:alice', generation: 1, scope: '{}', expiresMs: 9 };
      expect(await catalog.queries.findRefreshToken('hash')).toEqual(row);
      expect(await catalog.queries.findRefreshToken('other')).toBeUndefined();
    });

    it('are revoked one by one, each only by whose it is', async () => {
      for (const hash of ['one', 'two']) await token('user:alice', hash);
      await catalog.run('revokeTokens', { ...at(), subject: 'user:bob', refreshHash: 'one' });
      expect(await catalog.queries.findRefreshToken('one')).toBeDefined();
      const access = { id: 'jti', expiresMs: 9 };
      await catalog.run('revokeTokens', { ...at(), subject: 'user:alice', refreshHash: 'one', access });
      expect(await catalog.queries.findRefreshToken('one')).toBeUndefined();
      expect(await catalog.queries.findRefreshToken('two')).toBeDefined();
      expect([await catalog.queries.isTokenRevoked('jti'), await catalog.queries.isTokenRevoked('other')]).toEqual([
        true,
        false,
      ]);
    });

    it('are forgotten when they have ended, and so are invitations', async () => {
      await addUser('alice');
      await token('user:alice', 'hash');
      await catalog.run('revokeTokens', { ...at(), subject: 'user:alice', access: { id: 'jti', expiresMs: 9 } });
      await catalog.run('inviteUser', { ...at(), name: 'alice', hash: 'link', expiresMs: 9 });
      expect(await catalog.run('expireTokens', { nowMs: 9, limit: 10 })).toBe(0);
      expect(await catalog.run('expireTokens', { nowMs: 10, limit: 10 })).toBe(3);
      expect(await catalog.queries.findRefreshToken('hash')).toBeUndefined();
      expect(await catalog.queries.isTokenRevoked('jti')).toBe(false);
      expect(await catalog.queries.findInvitation('link', 1)).toBeUndefined();
    });
  });

  describe('signing keys', () => {
    const key = (kid: string, createdMs: number) => ({
      kid,
      algorithm: 'EdDSA',
      publicJwk: `public ${kid}`,
      privateJwk: `private ${kid}`,
      createdMs,
    });
    const kids = async () => (await catalog.queries.listSigningKeys()).map(({ kid }) => kid);

    it('are added where the newest is old, newest first', async () => {
      const rotate = (kid: string, nowMs: number) =>
        catalog.run('rotateSigningKey', { key: key(kid, nowMs), renewBeforeMs: nowMs - 10, dropBeforeMs: nowMs - 25 });
      expect([await rotate('a', 100), await rotate('b', 110), await rotate('c', 111)]).toEqual([true, false, true]);
      expect(await catalog.queries.listSigningKeys()).toEqual([key('c', 111), key('a', 100)]);
      await rotate('d', 122);
      await rotate('e', 126);
      expect(await kids()).toEqual(['d', 'c']);
    });

    it('stay while they are all there is', async () => {
      const args = { renewBeforeMs: 0, dropBeforeMs: 1000 };
      await catalog.run('rotateSigningKey', { key: key('a', 100), ...args });
      await catalog.run('rotateSigningKey', { key: key('b', 100), ...args });
      expect(await kids()).toEqual(['a']);
    });

    it('are one where many ask at once for the first', async () => {
      const asked = Array.from({ length: 8 }, (_, index) =>
        catalog.run('rotateSigningKey', { key: key(`k${index}`, 100), renewBeforeMs: 50, dropBeforeMs: 0 }),
      );
      expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
      expect(await kids()).toHaveLength(1);
    });
  });

  it('tells caches of each change', async () => {
    const seen = [await catalog.queries.authVersion()];
    const changes: readonly (() => Promise<unknown>)[] = [
      () => addUser('alice'),
      () => catalog.run('updateUser', { ...at(), name: 'alice', groups: ['dev'] }),
      () => addKey('ci'),
      () => catalog.run('updateKey', { ...at(), name: 'ci', actions: ['push'] }),
      () => catalog.run('putRole', { ...at(), name: 'own', actions: ['pull'] }),
      () => catalog.run('deleteRole', { ...at(), name: 'own' }),
      () => bind(),
      () => catalog.run('deleteBinding', { ...at(), ...BINDING }),
      () => catalog.run('revokeTokens', { ...at(), subject: 'user:alice', access: { id: 'jti', expiresMs: 9 } }),
      () => catalog.run('deleteKey', { ...at(), name: 'ci' }),
      () => catalog.run('deleteUser', { ...at(), name: 'alice' }),
    ];
    for (const change of changes) {
      await change();
      seen.push(await catalog.queries.authVersion());
    }
    expect(seen).toEqual(seen.map((_, index) => index));
  });
}
