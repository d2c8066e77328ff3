import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { hashSecret } from '../auth/api-key.ts';
import { detailsOf, refusalOf } from '../http/refusal.suite.ts';
import { addUser, basic, PASSWORD } from './auth-fixtures.suite.ts';
import { shareServer, useServer } from './fixtures.suite.ts';

type Method = 'get' | 'post' | 'put' | 'delete';

describe('the administration of who there is', () => {
  const server = useServer({ settings: { 'auth.mode': 'basic' } });
  const ask = async (method: Method, path: string, body?: object, user = 'root') =>
    request(server.url)[method](path).set('Authorization', basic(user)).send(body);
  beforeEach(async () => {
    await addUser(server.built.catalog, 'root', [{ role: 'admin', pattern: '**' }]);
  });

  it('adds users, tells of them, changes and deletes them', async () => {
    const user = {
      name: 'alice',
      password: PASSWORD,
      email: 'a@example.com',
      display_name: 'Alice',
      groups: ['dev'],
      roles: [{ role: 'reader', pattern: 'team/**' }],
    };
    const added = await ask('post', '/admin/users', user);
    expect([added.status, added.headers['location']]).toEqual([201, '/admin/users/alice']);
    expect(added.body).toEqual({
      name: 'alice',
      email: 'a@example.com',
      display_name: 'Alice',
      groups: ['dev'],
      disabled: false,
      has_password: true,
      created: expect.any(String),
    });
    expect((await ask('get', '/v2/', undefined, 'alice')).status).toBe(200);
    const changed = await ask('put', '/admin/users/alice', { email: null, groups: [], disabled: true });
    expect(changed.body).toMatchObject({ display_name: 'Alice', groups: [], disabled: true });
    expect(changed.body).not.toHaveProperty('email');
    expect((await ask('get', '/v2/', undefined, 'alice')).status).toBe(401);
    const listed = await ask('get', '/admin/users?n=1');
    expect([listed.body.users.map(({ name }: { name: string }) => name), listed.body.next]).toEqual([
      ['alice'],
      'alice',
    ]);
    expect((await ask('get', '/admin/users?n=1&last=alice')).body.users).toMatchObject([{ name: 'root' }]);
    expect((await ask('delete', '/admin/users/alice')).status).toBe(204);
    expect(refusalOf(await ask('get', '/admin/users/alice'))).toBe('404 UNSUPPORTED');
  });

  it('makes keys, and tells them once', async () => {
    const made = await ask('post', '/admin/keys', {
      name: 'ci',
      repositories: ['team/**'],
      actions: ['pull', 'push'],
      expires: '2999-01-01T00:00:00Z',
    });
    expect(made.status).toBe(201);
    const { key, ...rest } = made.body as { key: string };
    expect(key).toMatch(/^octk_/);
    expect((await ask('get', '/admin/keys/ci')).body).toEqual(rest);
    expect((await ask('get', '/admin/keys')).body).toEqual({ keys: [rest] });
    const asked = request(server.url).get('/v2/').set('Authorization', `Bearer ${key}`);
    expect((await asked).status).toBe(200);
    const changed = await ask('put', '/admin/keys/ci', { actions: ['pull'], expires: null });
    expect(changed.body).toMatchObject({ actions: ['pull'], repositories: ['team/**'] });
    expect(changed.body).not.toHaveProperty('expires');
    expect((await ask('delete', '/admin/keys/ci')).status).toBe(204);
    const again = request(server.url).get('/v2/').set('Authorization', `Bearer ${key}`);
    expect((await again).status).toBe(401);
  });

  it('makes roles and bindings, and takes them back', async () => {
    await addUser(server.built.catalog, 'alice');
    const push = () => ask('post', '/v2/team/app/blobs/uploads/', undefined, 'alice');
    expect((await push()).status).toBe(403);
    expect((await ask('put', '/admin/roles/adder', { actions: ['pull', 'push', 'create'] })).status).toBe(204);
    const binding = { subject: 'user:alice', role: 'adder', pattern: 'team/**' };
    expect((await ask('post', '/admin/bindings', binding)).status).toBe(201);
    expect((await push()).status).toBe(202);
    expect((await ask('get', '/admin/bindings?subject=user:alice')).body).toEqual({ bindings: [binding] });
    const roles = (await ask('get', '/admin/roles')).body.roles as { name: string; built_in: boolean }[];
    expect(roles.map(({ name, built_in }) => [name, built_in])).toEqual([
      ['reader', true],
      ['writer', true],
      ['maintainer', true],
      ['admin', true],
      ['adder', false],
    ]);
    expect(refusalOf(await ask('delete', '/admin/roles/adder'))).toBe('409 UNSUPPORTED');
    const query = new URLSearchParams(binding).toString();
    expect((await ask('delete', `/admin/bindings?${query}`)).status).toBe(204);
    expect((await push()).status).toBe(403);
    expect((await ask('delete', '/admin/roles/adder')).status).toBe(204);
  });

  it('names nobody’s password, hash or key in what it answers or logs', async () => {
    await ask('post', '/admin/users', { name: 'alice', password: 'a secret of hers' });
    await ask('put', '/admin/users/alice', { password: 'another secret' });
    await ask('post', '/admin/users', { name: 'bob', password: 'sesame' });
    const { body } = await ask('post', '/admin/keys', { name: 'ci', repositories: ['**'], actions: ['pull'] });
    const answers = [];
    for (const path of ['users', 'users/alice', 'keys', 'keys/ci', 'audit']) {
      answers.push((await ask('get', `/admin/${path}`)).text);
    }
    const all = `${answers.join('')}${JSON.stringify(server.logged)}`;
    expect(all).toContain('alice');
    for (const secret of ['a secret of hers', 'another secret', 'sesame', '$argon2', body.key as string]) {
      expect(all).not.toContain(secret);
    }
  });

  it('pages on from whatever text', async () => {
    expect((await ask('get', '/admin/users?last=%00')).body.users).toHaveLength(1);
  });

  it('is for administrators alone', async () => {
    await addUser(server.built.catalog, 'alice', [{ role: 'admin', pattern: 'team/**' }]);
    for (const path of ['users', 'keys', 'roles', 'bindings', 'audit']) {
      expect((await ask('get', `/admin/${path}`, undefined, 'alice')).status).toBe(403);
      expect((await request(server.url).get(`/admin/${path}`)).status).toBe(401);
    }
  });
});

describe('the administration of who there is, given what it cannot take,', () => {
  const server = shareServer({ settings: { 'auth.mode': 'basic' } });
  beforeAll(async () => {
    await addUser(server.built.catalog, 'root', [{ role: 'admin', pattern: '**' }]);
  });

  it.each<[Method, string, object | undefined, number, string | undefined]>([
    ['post', '/admin/users', { name: 'alice', password: 'short' }, 400, 'a password has at least 8 characters'],
    ['post', '/admin/users', { name: 'a b' }, 400, 'a name begins with'],
    ['post', '/admin/users', { name: 'root' }, 409, 'user root'],
    ['post', '/admin/users', { name: 'alice', admin: true }, 400, undefined],
    ['post', '/admin/users', { name: 'alice', roles: [{ role: 'owner', pattern: '**' }] }, 404, 'role owner'],
    ['post', '/admin/users', {}, 400, 'name'],
    ['put', '/admin/users/nobody', { disabled: true }, 404, 'user nobody'],
    ['put', '/admin/users/a%00b', { disabled: true }, 404, undefined],
    ['get', '/admin/users/a%00b', undefined, 404, undefined],
    ['delete', '/admin/users/nobody', undefined, 404, 'user nobody'],
    ['get', '/admin/users?n=x', undefined, 400, 'n'],
    ['post', '/admin/keys', { name: 'ci', repositories: ['A'], actions: ['pull'] }, 400, 'the pattern A'],
    ['post', '/admin/keys', { name: 'ci', repositories: ['a'], actions: ['fly'] }, 400, 'actions'],
    ['post', '/admin/keys', { name: 'ci', repositories: [], actions: [], owner: 'nobody' }, 404, 'user nobody'],
    [
      'post',
      '/admin/keys',
      { name: 'ci', repositories: [], actions: [], expires: '2001-01-01T00:00:00Z' },
      400,
      undefined,
    ],
    ['put', '/admin/keys/nobody', {}, 404, 'key nobody'],
    ['delete', '/admin/keys/nobody', undefined, 404, 'key nobody'],
    ['put', '/admin/roles/Bad', { actions: ['pull'] }, 400, 'a role’s name'],
    ['put', '/admin/roles/admin', { actions: ['pull'] }, 409, undefined],
    ['put', '/admin/roles/own', { actions: [] }, 400, undefined],
    ['delete', '/admin/roles/admin', undefined, 409, undefined],
    ['delete', '/admin/roles/none', undefined, 404, 'role none'],
    ['post', '/admin/bindings', { subject: 'alice', role: 'reader', pattern: '**' }, 400, 'a subject is'],
    ['post', '/admin/bindings', { subject: 'user:alice', role: 'none', pattern: '**' }, 404, 'role none'],
    ['post', '/admin/bindings', { subject: 'user:a\u0000', role: 'reader', pattern: '**' }, 400, undefined],
    ['delete', '/admin/bindings?subject=user:alice&role=reader&pattern=**', undefined, 404, undefined],
    ['delete', '/admin/bindings?subject=user:alice', undefined, 400, undefined],
  ])('refuses %s %s %j', async (method, path, body, status, detail) => {
    const answer = await request(server.url)[method](path).set('Authorization', basic('root')).send(body);
    expect(answer.status).toBe(status);
    expect(detailsOf(answer).join('; ')).toContain(detail ?? '');
  });
});

describe('an invitation', () => {
  const time = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ settings: { 'auth.mode': 'basic' }, clock: () => time.nowMs });
  const secret = `octi_${'A'.repeat(43)}`;

  async function invite(): Promise<void> {
    await addUser(server.built.catalog, 'alice');
    const by = { by: { principal: 'test', address: '', requestId: '' }, nowMs: time.nowMs };
    const expiresMs = time.nowMs + 1000;
    await server.built.catalog.run('inviteUser', { ...by, name: 'alice', hash: hashSecret(secret), expiresMs });
  }
  const page = (token: string) => request(server.url).get(`/auth/invitation?token=${token}`).set('Accept', 'text/html');
  const accept = (token: string, password: string, type = 'application/json') =>
    request(server.url).post('/auth/invitation').type('form').set('Accept', type).send({ token, password });
  const signIn = (password: string) => request(server.url).get('/v2/').set('Authorization', basic('alice', password));

  it('shows a form that loads nothing, and sets the password once', async () => {
    await invite();
    const shown = await page(secret);
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('Welcome, alice');
    expect(shown.headers['content-security-policy']).toContain("default-src 'none'");
    expect(shown.headers['referrer-policy']).toBe('no-referrer');
    const set = await accept(secret, 'a new password', 'text/html').expect(200);
    expect(set.text).toContain('alice can sign in');
    await signIn('a new password').expect(200);
    await signIn(PASSWORD).expect(401);
    await page(secret).expect(404);
    await accept(secret, 'yet another one').expect(404);
    await signIn('a new password').expect(200);
  });

  it('is told to programs as JSON, and refused in it', async () => {
    await invite();
    expect(detailsOf(await accept(secret, 'short').expect(400))).toEqual(['a password has at least 8 characters']);
    expect((await accept(secret, 'a new password').expect(200)).body).toEqual({ username: 'alice' });
  });

  it('is over in its time', async () => {
    await invite();
    time.nowMs += 1000;
    const answers = [await page(secret), await accept(secret, 'a new password')];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  it.each(['', 'x', '<script>', `octi_${'B'.repeat(43)}`])('opens nothing where it is %j', async (token) => {
    await invite();
    const answer = await page(encodeURIComponent(token)).expect(404);
    expect(answer.text).not.toContain('<script>');
    await accept(token, 'a new password').expect(404);
  });

  it('is not in the log', async () => {
    await invite();
    await page(secret);
    await accept(secret, 'a new password');
    expect(JSON.stringify(server.logged)).not.toContain(secret);
  });
});

describe('without auth', () => {
  const server = shareServer();
  it.each(['/admin/users', '/admin/keys', '/admin/roles', '/admin/bindings', '/auth/token', '/auth/jwks.json'])(
    'nobody can prepare for the day when there is some: %s',
    async (path) => {
      expect((await request(server.url).get(path)).status).toBe(404);
    },
  );
});
