import { beforeEach, describe, expect, it } from '@jest/globals';
import request, { type Test } from 'supertest';
import { RawConnection } from '../http/raw-client.suite.ts';
import { createSamples } from '../testing/images.ts';
import { addKey, addUser, basic, bearer, PASSWORD, plant } from './auth-fixtures.suite.ts';
import { useServer } from './fixtures.suite.ts';

const IMAGE = createSamples('attacks').image({ layers: 1 });

describe('a stranger', () => {
  const server = useServer({
    settings: { 'auth.mode': 'token', 'auth.anonymous': 'public/**', 'server.trusted_proxies': '127.0.0.1' },
  });
  beforeEach(async () => {
    const { catalog, registry } = server.built;
    await addUser(catalog, 'root', [{ role: 'admin', pattern: '**' }]);
    await addUser(catalog, 'alice', [{ role: 'writer', pattern: 'team/**' }]);
    for (const name of ['public/app', 'team/app', 'secret/app']) await plant(registry, name, IMAGE, 'v1');
  });
  const get = (path: string, authorization?: string): Test => {
    const asked = request(server.url).get(path);
    return authorization === undefined ? asked : asked.set('Authorization', authorization);
  };
  async function raw(line: string, headers: readonly string[] = []) {
    const connection = await RawConnection.open(server.port);
    connection.head(line, headers);
    const answer = await connection.answer();
    connection.close();
    return answer;
  }

  it.each([
    '/admin/users/',
    '//admin/users',
    '/ADMIN/users',
    '/admin/Users',
    '/admin%2fusers',
    '/%61dmin/users',
    '/admin/./users',
    '/admin/../admin/users',
    '/admin/users;x=1',
    '/admin/users%00',
    '/admin/users%2f..%2fkeys',
    '/v2/../admin/users',
    '/v2/..%2fadmin/users',
    '/livez/../admin/users',
    '/auth/token/../../admin/users',
    '/admin/users?x=/livez',
    '/admin/users#/livez',
    '\\admin\\users',
  ])('reaches no user by another spelling of the path: %s', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1`);
    expect([400, 401, 404]).toContain(answer.status);
    expect(answer.body.toString()).not.toContain('alice');
  });

  it.each(['http://localhost/admin/users', 'http://evil.example/admin/users', 'HTTP://x/admin/users'])(
    'is asked to sign in where the target is a whole URL: %s',
    async (target) => {
      const answer = await raw(`GET ${target} HTTP/1.1`);
      expect([401, 404]).toContain(answer.status);
    },
  );

  it.each([
    ['X-Original-URL', '/livez'],
    ['X-Rewrite-URL', '/livez'],
    ['X-Forwarded-User', 'root'],
    ['X-Remote-User', 'root'],
    ['Remote-User', 'root'],
    ['X-Auth-Request-User', 'root'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Real-IP', '127.0.0.1'],
    ['Proxy-Authorization', basic('root')],
    ['X-Authorization', basic('root')],
    ['X-Api-Key', 'root'],
    ['X-Api-Key', `, ${basic('root')}`],
    ['Cookie', `Authorization=${basic('root')}`],
    ['Cookie', 'octoserve_session=root'],
  ])('is nobody else for saying %s: %s', async (header, value) => {
    expect((await get('/admin/users').set(header, value)).status).toBe(401);
    expect((await get('/v2/secret/app/manifests/v1').set(header, value)).status).toBe(401);
  });

  it('is who the first of several Authorization headers says, as for everything before us', async () => {
    const [alice, root] = [basic('alice'), basic('root')].map((value) => `Authorization: ${value}`) as [string, string];
    expect((await raw('GET /admin/users HTTP/1.1', [alice, root])).status).toBe(403);
    expect((await raw('GET /admin/users HTTP/1.1', [`${alice}, ${basic('root')}`])).status).toBe(401);
  });

  it.each([
    ['in another case', 'ALICE'],
    ['with a blank', 'alice '],
    ['as a subject', 'user:alice'],
    ['with a NUL', 'alice\0'],
    ['with a mark that is not seen', 'alice\u200b'],
    ['in letters that look alike', 'аlice'],
    ['by a pattern', 'al%'],
    ['in SQL', "alice' or '1'='1"],
    ['in another form of its letters', 'ａlice'],
    ['with no name', ''],
  ])('signs in with the right password for no name that is written %s', async (_, name) => {
    expect((await get('/v2/', basic(name))).status).toBe(401);
    const login = await request(server.url).post('/auth/login').send({ username: name, password: PASSWORD });
    expect([400, 401]).toContain(login.status);
  });

  it.each([
    'repository:secret/app:pull',
    'repository:secret/app:*',
    'repository:SECRET/app:pull',
    'repository:team/../secret/app:pull',
    'repository:team/app:pull repository:secret/app:pull,push',
    'repository:secret/*:pull',
    'repository:.*:pull',
    'repository:secret%2Fapp:pull',
    'repository(plugin):secret/app:pull',
    'repository:secret/app:pull:x',
    'registry:catalog:*',
  ])('is given no scope beyond the rules for asking it so: %s', async (scope) => {
    const token = await bearer(server, basic('alice'), scope);
    expect((await get('/v2/secret/app/manifests/v1', token)).status).toBe(401);
    const { body } = await get('/v2/_catalog', token);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('gets nothing by as many scopes as a header can carry', async () => {
    const scopes = Array.from({ length: 200 }, (_, i) => `repository:secret/app${i}:pull`);
    const answer = await get(`/auth/token?service=octoserve&scope=${scopes.join('+')}`, basic('alice'));
    expect([answer.status, (answer.body as { scope: string }).scope]).toEqual([200, '']);
  });

  it.each([
    ['Basic', `Basic ${'A'.repeat(12_000)}`],
    ['Bearer', `Bearer ${'A'.repeat(12_000)}`],
    ['a token', `Bearer ${'a'.repeat(4000)}.${'b'.repeat(4000)}.${'c'.repeat(4000)}`],
    ['colons', `Basic ${Buffer.from(':'.repeat(8000)).toString('base64')}`],
    ['blanks', `Bearer ${' '.repeat(10_000)}x`],
    ['a name', basic('x'.repeat(8000), 'y')],
    ['a password', basic('alice', 'y'.repeat(8000))],
  ])('is refused for %s that fills the header', async (_, authorization) => {
    expect((await get('/v2/', authorization)).status).toBe(401);
  });

  it('finds a new session after signing in, whatever the browser had before', async () => {
    const signIn = (cookie: string) =>
      request(server.url)
        .post('/auth/login')
        .set('Cookie', cookie)
        .send({ username: 'alice', password: PASSWORD, session: true })
        .expect(200);
    const planted = /octoserve_session=([^;]+)/.exec(String((await signIn('a=b')).headers['set-cookie']))?.[1] ?? '';
    const after = String((await signIn(`octoserve_session=${planted}`)).headers['set-cookie']);
    expect(after).toContain('octoserve_session=octs_');
    expect(after).not.toContain(planted);
  });

  it('does nothing with a session through a page of another site, and reads no answer there', async () => {
    const { headers } = await request(server.url)
      .post('/auth/login')
      .send({ username: 'root', password: PASSWORD, session: true })
      .expect(200);
    const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
    const foreign = { Cookie: cookie, Origin: 'https://evil.example' };
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
      const made = request(server.url).post('/admin/users').set(foreign).set('Content-Type', type);
      expect((await made.send('{"name":"eve"}')).status).toBe(403);
    }
    expect((await request(server.url).delete('/admin/users/alice').set(foreign)).status).toBe(403);
    const read = await get('/admin/users').set(foreign);
    expect([read.status, read.headers['access-control-allow-origin']]).toEqual([200, undefined]);
    const content = await get('/v2/secret/app/manifests/v1').set(foreign);
    expect(content.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('learns nothing of a key from a part of it, nor from its name', async () => {
    const key = await addKey(server.built.catalog, 'ci', { repositories: ['team/**'] });
    for (const wrong of [key.slice(0, -1), `${key}x`, key.toUpperCase(), 'ci', key.replace(/.$/, '*')]) {
      expect((await get('/v2/team/app/manifests/v1', basic('ci', wrong))).status).toBe(401);
      expect((await get('/v2/team/app/manifests/v1', `Bearer ${wrong}`)).status).toBe(401);
    }
    expect((await get('/v2/team/app/manifests/v1', basic('ci', key))).status).toBe(200);
  });

  it('keeps nobody waiting who has a token, however many passwords are tried at once', async () => {
    const token = await bearer(server, basic('alice'), 'repository:team/app:pull');
    let isOver = false;
    const flood = Promise.all(
      Array.from({ length: 300 }, (_, turn) =>
        get('/v2/', basic(`user${turn}`, 'wrong'))
          .set('X-Forwarded-For', `198.51.${turn % 100}.${turn % 250}`)
          .then(({ status }) => status),
      ),
    ).then((statuses) => {
      isOver = true;
      return statuses;
    });
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await get('/v2/team/app/manifests/v1', token)).status).toBe(200);
      expect((await get('/livez')).status).toBe(200);
    }
    expect(isOver).toBe(false);
    const statuses = new Set(await flood);
    // A few are looked at, and found wrong; for most there is no room.
    expect(statuses).toEqual(new Set([401, 503]));
  });
});
