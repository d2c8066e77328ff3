import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf } from '../http/refusal.suite.ts';
import { addKey, addUser, basic } from './auth-fixtures.suite.ts';
import { shareServer } from './fixtures.suite.ts';

describe('auth.mode basic', () => {
  const server = shareServer({ settings: { 'auth.mode': 'basic', 'auth.anonymous': 'public/**' } });
  beforeAll(async () => {
    await addUser(server.built.catalog, 'alice', [{ role: 'writer', pattern: 'team/*' }]);
  });
  const get = (path: string, authorization?: string) => {
    const asked = request(server.url).get(path);
    return authorization === undefined ? asked : asked.set('Authorization', authorization);
  };

  it('challenges whoever has nothing to show', async () => {
    const answer = await get('/v2/');
    expect(refusalOf(answer)).toBe('401 UNAUTHORIZED');
    expect(answer.headers['www-authenticate']).toBe('Basic realm="octoserve", charset="UTF-8"');
  });

  it('lets a user in with the right password, and no other', async () => {
    expect((await get('/v2/', basic('alice'))).status).toBe(200);
    expect(refusalOf(await get('/v2/', basic('alice', 'wrong')))).toBe('401 UNAUTHORIZED');
    expect(refusalOf(await get('/v2/', basic('bob')))).toBe('401 UNAUTHORIZED');
  });

  it('takes a key as a password', async () => {
    const key = await addKey(server.built.catalog, 'ci');
    expect((await get('/v2/', basic('whoever', key))).status).toBe(200);
    expect((await get('/v2/', `Bearer ${key}`)).status).toBe(200);
  });
});
