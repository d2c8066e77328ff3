import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { at, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog, CommandArgs, ProfileRow } from './types.ts';

const ADA: ProfileRow = {
  provider: 'github',
  subject: '42',
  avatarUrl: 'https://avatars.test/42',
  organizations: ['acme'],
  teams: ['acme/core'],
};

export function describeSignIn(open: OpenCatalog): void {
  describe('signing in', () => {
    let catalog: Catalog;
    beforeEach(async () => {
      catalog = await open();
    });
    afterEach(() => catalog.close());

    const admit = (more: Partial<CommandArgs<'admitUser'>> = {}) =>
      catalog.run('admitUser', {
        ...at(7),
        profile: ADA,
        email: 'ada@example.com',
        displayName: 'Ada',
        groups: ['github:acme', 'github:acme/core'],
        names: ['ada', 'ada-2', 'ada-3'],
        reserved: [],
        ...more,
      });
    const other = (subject: string, provider = 'github'): ProfileRow => ({ ...ADA, provider, subject });
    const version = () => catalog.queries.authVersion();

    it('makes a new user, with groups and what the provider says', async () => {
      expect(await admit()).toEqual({ kind: 'admitted', name: 'ada', generation: 7, isNew: true });
      expect(await catalog.queries.findUser('ada')).toEqual({
        name: 'ada',
        password: undefined,
        email: 'ada@example.com',
        displayName: 'Ada',
        disabled: false,
        generation: 7,
        createdMs: 7,
        signedInMs: undefined,
        groups: ['github:acme', 'github:acme/core'],
      });
      expect(await catalog.queries.findProfile('ada')).toEqual(ADA);
      expect(await catalog.queries.findProfile('nobody')).toBeUndefined();
    });

    it('knows the same person again, whatever they are called now', async () => {
      await admit();
      const again = { nowMs: 9, email: 'new@example.com', displayName: 'Countess', names: ['lovelace'] };
      expect(await admit(again)).toEqual({ kind: 'admitted', name: 'ada', generation: 7, isNew: false });
      expect(await catalog.queries.findUser('ada')).toMatchObject({
        email: 'new@example.com',
        displayName: 'Countess',
      });
      expect(await catalog.queries.findUser('lovelace')).toBeUndefined();
    });

    it('replaces the groups that the provider told, and leaves those of others', async () => {
      const user = { password: undefined, email: undefined, displayName: undefined, roles: [] };
      await catalog.run('createUser', { ...at(), ...user, name: 'bob', groups: ['github:acme'] });
      await admit();
      await catalog.run('updateUser', { ...at(), name: 'ada', groups: ['staff'] });
      await admit({ groups: ['github:other'] });
      expect((await catalog.queries.findUser('ada'))?.groups).toEqual(['github:other', 'staff']);
      await admit({ groups: [] });
      expect((await catalog.queries.findUser('ada'))?.groups).toEqual(['staff']);
      expect((await catalog.queries.findUser('bob'))?.groups).toEqual(['github:acme']);
    });

    it('tells caches that they are old where something changed, and only then', async () => {
      await admit();
      const before = await version();
      await admit({ profile: { ...ADA, avatarUrl: undefined } });
      expect(await version()).toBe(before);
      expect((await catalog.queries.findProfile('ada'))?.avatarUrl).toBeUndefined();
      await admit({ groups: ['github:other'] });
      expect(await version()).toBeGreaterThan(before);
    });

    it('never makes somebody a user who is there already', async () => {
      const user = { password: 'phc', email: 'ada@example.com', displayName: undefined, groups: [], roles: [] };
      await catalog.run('createUser', { ...at(), ...user, name: 'ada' });
      expect(await admit()).toMatchObject({ name: 'ada-2', isNew: true });
      expect(await admit({ profile: other('42', 'azure') })).toMatchObject({ name: 'ada-3', isNew: true });
      expect(await admit({ profile: other('43') })).toEqual({ kind: 'nameless' });
      expect((await catalog.queries.findUser('ada'))?.groups).toEqual([]);
    });

    it('gives nobody a name that rights were given to beforehand, nor one of a file', async () => {
      const binding = { subject: 'user:ada', role: 'admin', pattern: '**', known: ['admin'] };
      await catalog.run('putBinding', { ...at(), ...binding });
      expect(await admit({ reserved: ['ada-2'] })).toMatchObject({ name: 'ada-3' });
    });

    it('lets in nobody who is disabled', async () => {
      await admit();
      await catalog.run('updateUser', { ...at(), name: 'ada', disabled: true });
      expect(await admit({ groups: ['github:other'] })).toEqual({ kind: 'disabled', name: 'ada' });
      expect((await catalog.queries.findUser('ada'))?.groups).toEqual(['github:acme', 'github:acme/core']);
    });

    it('makes one user of a person who comes through two doors at once, and two of two', async () => {
      const came = await Promise.all(Array.from({ length: 8 }, () => admit()));
      expect(new Set(came.map((each) => ('name' in each ? each.name : each.kind)))).toEqual(new Set(['ada']));
      expect(came.filter((each) => each.kind === 'admitted' && each.isNew)).toHaveLength(1);
      const two = await Promise.all([admit({ profile: other('43') }), admit({ profile: other('44') })]);
      expect(new Set(two.map((each) => ('name' in each ? each.name : each.kind)))).toEqual(new Set(['ada-2', 'ada-3']));
    });

    it('begins anew with a user who was deleted', async () => {
      await admit();
      await catalog.run('deleteUser', { ...at(), name: 'ada' });
      expect(await catalog.queries.findProfile('ada')).toBeUndefined();
      expect(await admit({ nowMs: 99, groups: [] })).toMatchObject({ name: 'ada', generation: 99, isNew: true });
    });

    describe('sessions', () => {
      const session = { userName: 'ada', generation: 3, createdMs: 10, expiresMs: 100 };
      const openSession = (hash: string, more: Partial<CommandArgs<'openSession'>> = {}) =>
        catalog.run('openSession', { ...session, hash, nowMs: 10, ...more });

      it('are there until they end', async () => {
        await openSession('h');
        expect(await catalog.queries.findSession('h', 99)).toEqual(session);
        expect(await catalog.queries.findSession('h', 100)).toBeUndefined();
        expect(await catalog.queries.findSession('g', 99)).toBeUndefined();
      });

      it('are closed once, and stay closed', async () => {
        await openSession('h');
        expect(await catalog.run('closeSession', { hash: 'h' })).toBe(true);
        expect(await catalog.run('closeSession', { hash: 'h' })).toBe(false);
        expect(await catalog.queries.findSession('h', 20)).toBeUndefined();
      });

      it('that ended are forgotten as others begin', async () => {
        for (let each = 0; each < 5; each += 1) await openSession(`old ${each}`, { expiresMs: 20 });
        await openSession('new', { nowMs: 20 });
        expect(await catalog.queries.findSession('old 1', 0)).toBeUndefined();
        expect(await catalog.queries.findSession('new', 20)).toBeDefined();
      });
    });

    it('rotates a refresh token once, for what it was given for', async () => {
      const add = (hash: string, scope: string | undefined) =>
        catalog.run('addRefreshToken', { hash, subject: 'user:ada', generation: 3, scope, nowMs: 1, expiresMs: 10 });
      const rotate = (hash: string, more = {}) =>
        catalog.run('rotateRefreshToken', {
          hash,
          newHash: `${hash}+`,
          scope: 'all',
          nowMs: 2,
          expiresMs: 20,
          ...more,
        });
      await add('one', 'all');
      await add('other', undefined);
      const answers = await Promise.all([rotate('one'), rotate('one', { newHash: 'two' })]);
      expect(answers.filter(Boolean)).toEqual([{ subject: 'user:ada', generation: 3 }]);
      expect(await rotate('other')).toBeUndefined();
      expect(await rotate('none')).toBeUndefined();
      await add('old', 'all');
      expect(await rotate('old', { nowMs: 10 })).toBeUndefined();
      expect(await catalog.queries.findRefreshToken('one')).toBeUndefined();
    });

    it('counts a state or a token once, for whoever comes first', async () => {
      const use = (name: string, nowMs = 1) => catalog.run('useOnce', { name, nowMs, expiresMs: nowMs + 10 });
      const all = await Promise.all(Array.from({ length: 10 }, () => use('one')));
      expect(all.filter(Boolean)).toHaveLength(1);
      expect([await use('two'), await use('two'), await use('one', 10)]).toEqual([true, false, false]);
      expect(await use('one', 11)).toBe(true);
    });

    it('keeps rules for the tokens of a CI, and forgets their bindings with them', async () => {
      const binding = { subject: 'workload:ci', role: 'writer', pattern: 'team/*', known: ['writer'] };
      await catalog.run('putWorkloadRule', { ...at(5), name: 'ci', document: '{"a":1}' });
      await catalog.run('putBinding', { ...at(), ...binding });
      const before = await version();
      await catalog.run('putWorkloadRule', { ...at(6), name: 'ci', document: '{"a":2}' });
      expect(await version()).toBeGreaterThan(before);
      const rule = { name: 'ci', document: '{"a":2}', changedMs: 6 };
      expect(await catalog.queries.listWorkloadRules()).toEqual([rule]);
      expect(await catalog.run('deleteWorkloadRule', { ...at(), name: 'ci' })).toEqual({ kind: 'deleted' });
      expect(await catalog.run('deleteWorkloadRule', { ...at(), name: 'ci' })).toEqual({ kind: 'absent' });
      expect(await catalog.queries.listWorkloadRules()).toEqual([]);
      expect((await catalog.queries.readPolicy()).bindings).toEqual([]);
    });
  });
}
