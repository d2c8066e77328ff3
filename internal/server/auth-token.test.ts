import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { refusalOf } from '../http/refusal.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { addKey, addUser, basic, bearer, BY, PASSWORD, plant } from './auth-fixtures.suite.ts';
import { shareServer, useServer } from './fixtures.suite.ts';

const samples = createSamples('tokens');

describe('the token endpoint', () => {
  const server = shareServer({ settings: { 'auth.mode': 'token', 'auth.anonymous': 'public/**' } });
  beforeAll(async () => {
    const { catalog } = server.built;
    await addUser(catalog, 'alice', [{ role: 'writer', pattern: 'team/**' }]);
  });

  const ask = (query: string, authorization?: string) => {
    const asked = request(server.url).get(`/auth/token${query}`);
    return authorization === undefined ? asked : asked.set('Authorization', authorization);
  };
  const post = (form: Readonly<Record<string, string>>) =>
    request(server.url).post('/auth/token').type('form').send(form);
  const accessOf = (body: { token: string }) => decodeJwt(body.token)['access'];
  const SCOPE = 'scope=repository:team/app:pull,push,delete';

  it('grants of what is asked what may be done', async () => {
    const answer = await ask(`?service=octoserve&${SCOPE}&scope=repository:other/app:pull`, basic('alice')).expect(200);
    expect(answer.body).toEqual({
      token: expect.any(String),
      access_token: answer.body.token,
      expires_in: 300,
      issued_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      scope: 'repository:team/app:pull,push',
    });
    expect(accessOf(answer.body)).toEqual([{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }]);
    expect(decodeJwt(answer.body.token)).toMatchObject({ iss: 'octoserve', aud: 'octoserve', sub: 'user:alice' });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('gives anonymous what anonymous may do', async () => {
    const answer = await ask('?scope=repository:public/app:pull,push&scope=repository:team/app:pull').expect(200);
    expect(accessOf(answer.body)).toEqual([{ type: 'repository', name: 'public/app', actions: ['pull'] }]);
    const base = request(server.url).get('/v2/');
    expect((await base.set('Authorization', `Bearer ${answer.body.token}`)).status).toBe(200);
  });

  it.each([
    ['a wrong password', basic('alice', 'wrong')],
    ['an unknown user', basic('nobody')],
    ['nothing readable', 'Basic !'],
    ['a token that is none', 'Bearer a.b.c'],
  ])('refuses %s', async (_, authorization) => {
    const answer = await ask(`?${SCOPE}`, authorization);
    expect(refusalOf(answer)).toBe('401 UNAUTHORIZED');
    expect(answer.headers['www-authenticate']).toBe('Basic realm="octoserve", charset="UTF-8"');
  });

  it('refuses to give tokens for another service', async () => {
    expect((await ask('?service=other', basic('alice'))).status).toBe(400);
  });

  it('takes a password and gives a refresh token where it is wanted', async () => {
    const form = { grant_type: 'password', username: 'alice', password: PASSWORD, service: 'octoserve' };
    const short = await post({ ...form, scope: 'repository:team/app:pull' }).expect(200);
    expect(short.body).not.toHaveProperty('refresh_token');
    const long = await post({ ...form, access_type: 'offline' }).expect(200);
    const refresh_token: string = long.body.refresh_token;
    expect(refresh_token).toMatch(/^octr_[\w-]{43}$/);
    const again = { grant_type: 'refresh_token', refresh_token, scope: 'repository:team/app:push' };
    const answer = await post(again).expect(200);
    expect(answer.body.refresh_token).toBe(refresh_token);
    expect(accessOf(answer.body)).toEqual([{ type: 'repository', name: 'team/app', actions: ['push'] }]);
  });

  it.each([
    [{ grant_type: 'password', username: 'alice', password: 'wrong' }, 401],
    [{ grant_type: 'password', username: 'alice:x', password: PASSWORD }, 401],
    [{ grant_type: 'password' }, 401],
    [{ grant_type: 'refresh_token', refresh_token: `octr_${'A'.repeat(43)}` }, 401],
    [{ grant_type: 'refresh_token', refresh_token: '' }, 401],
    [{ grant_type: 'client_credentials' }, 400],
    [{}, 400],
  ])('refuses the form %j', async (form: object, status) => {
    expect((await post(form as Readonly<Record<string, string>>)).status).toBe(status);
  });

  it('gives docker, which logs in so, a refresh token that is no password', async () => {
    const answer = await ask('?account=alice&client_id=docker&offline_token=true&service=octoserve', basic('alice'));
    const { refresh_token } = answer.body as { refresh_token: string };
    expect(refresh_token).toMatch(/^octr_/);
    expect((await ask('', basic('alice', refresh_token))).status).toBe(401);
    expect((await request(server.url).get('/v2/').set('Authorization', `Bearer ${refresh_token}`)).status).toBe(401);
  });

  it('gives no refresh token for a token, nor to anonymous', async () => {
    const token = await bearer(server, basic('alice'), 'repository:team/app:pull');
    for (const authorization of [token, undefined]) {
      const answer = await ask('?offline_token=true', authorization).expect(200);
      expect(answer.body).not.toHaveProperty('refresh_token');
    }
  });

  it('gives for a token nothing that it has not', async () => {
    const token = await bearer(server, basic('alice'), 'repository:team/app:pull');
    const more = 'scope=repository:team/other:pull&scope=registry:catalog:*';
    const answer = await ask(`?${SCOPE}&${more}`, token).expect(200);
    expect(accessOf(answer.body)).toEqual([{ type: 'repository', name: 'team/app', actions: ['pull'] }]);
  });

  it('gives keys what they may', async () => {
    const key = await addKey(server.built.catalog, 'ci', {
      repositories: ['ci/*'],
      actions: ['pull', 'push', 'create'],
    });
    const answer = await ask('?scope=repository:ci/app:pull,push&scope=repository:team/app:pull', basic('x', key));
    expect(decodeJwt(answer.body.token)).toMatchObject({
      sub: 'key:ci',
      access: [{ type: 'repository', name: 'ci/app', actions: ['pull', 'push'] }],
    });
  });

  it('lets a client push and pull that knows nothing but the challenge', async () => {
    const image = samples.image({ layers: 2 });
    const credentials = { kind: 'password', username: 'alice', password: PASSWORD } as const;
    await createPusher(server.url, credentials).image('team/pushed', image, 'v1');
    const denied = createPusher(server.url, credentials).image('other/pushed', image, 'v1');
    await expect(denied).rejects.toMatchObject({ status: 401 });
    await plant(server.built.registry, 'public/app', image, 'v1');
    const anonymous = await bearer(server, undefined, 'repository:public/app:pull');
    const manifest = await request(server.url).get('/v2/public/app/manifests/v1').set('Authorization', anonymous);
    expect(manifest.status).toBe(200);
  });

  it('publishes its keys, and nothing else of them', async () => {
    const { body } = await request(server.url).get('/auth/jwks.json').expect(200);
    expect(body.keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.any(String), alg: 'EdDSA', use: 'sig' },
    ]);
  });

  it('keeps every secret out of the log', async () => {
    const form = { grant_type: 'password', username: 'alice', password: PASSWORD, access_type: 'offline' };
    const { body } = await post(form).expect(200);
    await ask(`?${SCOPE}`, basic('alice'));
    await ask(`?${SCOPE}`, basic('alice', 'not my secret'));
    const log = JSON.stringify(server.logged);
    for (const secret of [PASSWORD, 'not my secret', body.token, body.refresh_token, basic('alice').slice(6)]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('who may do what with tags', () => {
  const server = shareServer({ settings: { 'auth.mode': 'token' } });
  const [OLD, NEW] = [samples.image(), samples.image()];
  beforeAll(async () => {
    const { catalog, registry } = server.built;
    await catalog.run('putRole', { ...BY, name: 'adder', actions: ['pull', 'push', 'create'] });
    await addUser(catalog, 'adder', [{ role: 'adder', pattern: '**' }]);
    await addUser(catalog, 'writer', [{ role: 'writer', pattern: '**' }]);
    await plant(registry, 'team/app', OLD, 'v1');
    await plant(registry, 'team/app', NEW);
  });
  const put = (user: string, tag: string, { manifest }: typeof OLD, query = '') =>
    request(server.url)
      .put(`/v2/team/app/manifests/${tag}${query}`)
      .set('Authorization', basic(user))
      .set('Content-Type', manifest.mediaType)
      .serialize((body: unknown) => body as string)
      .send(manifest.bytes);

  it('lets a new one be made by whoever may create, and none be moved', async () => {
    expect((await put('adder', 'fresh', NEW)).status).toBe(201);
    const denied = await put('adder', 'v1', NEW);
    expect(refusalOf(denied)).toBe('403 DENIED');
    expect((await put('adder', 'v1', OLD)).status).toBe(201); // it is there already
    expect((await put('adder', NEW.manifest.digest, NEW)).status).toBe(201);
    expect((await put('adder', 'other', NEW, '?tag=v1')).status).toBe(403);
    const tags = await request(server.url).get('/v2/team/app/tags/list').set('Authorization', basic('adder'));
    expect(tags.body.tags).toEqual(['fresh', 'v1']);
  });

  it('lets one be moved by a writer', async () => {
    expect((await put('writer', 'v1', NEW)).status).toBe(201);
  });
});

describe('a token that is shown to get another', () => {
  const time = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ settings: { 'auth.mode': 'token' }, clock: () => time.nowMs });

  it('gets none that outlives it, however often', async () => {
    await addUser(server.built.catalog, 'alice', [{ role: 'reader', pattern: '**' }]);
    const first = await bearer(server, basic('alice'), 'repository:team/app:pull');
    time.nowMs += 200_500;
    for (const authorization of [first, basic('x', first.replace('Bearer ', ''))]) {
      const answer = await request(server.url).get('/auth/token').set('Authorization', authorization).expect(200);
      expect(answer.body.expires_in).toBe(100);
      expect(decodeJwt(answer.body.token as string).exp).toBe(decodeJwt(first.replace('Bearer ', '')).exp);
    }
  });

  it('gets no refresh token, though it is good for all', async () => {
    await addUser(server.built.catalog, 'alice');
    const login = await request(server.url).post('/auth/login').send({ username: 'alice', password: PASSWORD });
    const answer = await request(server.url)
      .get('/auth/token?offline_token=true')
      .set('Authorization', `Bearer ${login.body.token as string}`)
      .expect(200);
    expect(answer.body).not.toHaveProperty('refresh_token');
  });
});
