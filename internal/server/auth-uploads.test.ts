import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { digestOf } from '../../pkg/oci/index.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { addUser, basic, bearer } from './auth-fixtures.suite.ts';
import { useServer } from './fixtures.suite.ts';

const SCOPE = 'repository:team/app:pull,push';
const MINUTE_MS = 60_000;

describe('an upload that takes longer than its token', () => {
  const time = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ settings: { 'auth.mode': 'token' }, clock: () => time.nowMs });
  beforeEach(async () => {
    time.nowMs = Date.UTC(2026, 0, 1);
    for (const name of ['alice', 'bob']) {
      await addUser(server.built.catalog, name, [{ role: 'writer', pattern: '**' }]);
    }
  });

  async function start(authorization: string): Promise<string> {
    const started = await request(server.url)
      .post('/v2/team/app/blobs/uploads/')
      .set('Authorization', authorization)
      .expect(202);
    return started.headers['location'] as string;
  }
  const send = (method: 'patch' | 'put' | 'get' | 'delete', path: string, authorization: string, body = '') => {
    const sent = request(server.url)[method](path).set('Authorization', authorization);
    return method === 'get' || method === 'delete'
      ? sent
      : sent.set('Content-Type', 'application/octet-stream').send(body);
  };

  it('goes on and comes to its end with it', async () => {
    const token = await bearer(server, basic('alice'), SCOPE);
    const path = await start(token);
    time.nowMs += 10 * MINUTE_MS;
    expect((await send('patch', path, token, 'content')).status).toBe(202);
    expect((await send('get', path, token)).status).toBe(204);
    time.nowMs += 60 * MINUTE_MS;
    const digest = digestOf(Buffer.from('content'));
    expect((await send('put', `${path}?digest=${digest}`, token)).status).toBe(201);
  });

  it('is all that the token is still good for', async () => {
    const token = await bearer(server, basic('alice'), SCOPE);
    await start(token);
    time.nowMs += 10 * MINUTE_MS;
    const answers = [];
    for (const path of ['/v2/', '/v2/team/app/tags/list', '/v2/_catalog']) answers.push(await send('get', path, token));
    answers.push(await request(server.url).post('/v2/team/app/blobs/uploads/').set('Authorization', token));
    for (const answer of answers) {
      expect(refusalOf(answer)).toBe('401 UNAUTHORIZED');
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    }
  });

  it.each(['get', 'patch', 'put', 'delete'] as const)('is nobody else’s, whatever they send: %s', async (method) => {
    const path = await start(await bearer(server, basic('alice'), SCOPE));
    const token = await bearer(server, basic('bob'), SCOPE);
    const url = method === 'put' ? `${path}?digest=${digestOf(Buffer.from('x'))}` : path;
    for (const authorization of [token, basic('bob')]) {
      expect(refusalOf(await send(method, url, authorization, 'x'))).toBe('404 BLOB_UPLOAD_UNKNOWN');
    }
    time.nowMs += 10 * MINUTE_MS;
    expect(refusalOf(await send(method, url, token, 'x'))).toBe('401 UNAUTHORIZED');
    expect((await send('get', path, basic('alice'))).status).toBe(204);
  });

  it('ends with a token that was signed out, also when that is long ago', async () => {
    const token = await bearer(server, basic('alice'), SCOPE);
    const path = await start(token);
    expect((await request(server.url).post('/auth/logout').set('Authorization', token)).status).toBe(200);
    time.nowMs += 60 * MINUTE_MS;
    await server.built.catalog.run('expireTokens', { nowMs: time.nowMs, limit: 500 });
    expect(refusalOf(await send('patch', path, token, 'x'))).toBe('401 UNAUTHORIZED');
  });

  it('is not to be found in another repository', async () => {
    const scopes = [SCOPE, 'repository:team/other:pull,push'];
    const token = await bearer(server, basic('alice'), ...scopes);
    const elsewhere = (await start(token)).replace('team/app', 'team/other');
    expect(refusalOf(await send('patch', elsewhere, token, 'x'))).toBe('404 BLOB_UPLOAD_UNKNOWN');
    time.nowMs += 10 * MINUTE_MS;
    expect(refusalOf(await send('patch', elsewhere, token, 'x'))).toBe('401 UNAUTHORIZED');
  });

  it('needs a token that was good for it', async () => {
    const path = await start(await bearer(server, basic('alice'), SCOPE));
    const other = await bearer(server, basic('alice'), 'repository:team/other:pull,push');
    expect((await send('patch', path, other, 'x')).status).toBe(401);
    time.nowMs += 10 * MINUTE_MS;
    expect((await send('patch', path, other, 'x')).status).toBe(401);
  });
});
