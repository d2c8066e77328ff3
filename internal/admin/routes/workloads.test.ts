import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { addUser, basic } from '../../server/auth-fixtures.suite.ts';
import { shareServer } from '../../server/fixtures.suite.ts';

describe('the rules for jobs of CIs', () => {
  const server = shareServer({
    settings: {
      'auth.mode': 'basic',
      'server.public_url': 'https://registry.test',
      'auth.workload.fixed.preset': 'github',
      'auth.workload.fixed.claims': 'repository=acme/app',
    },
  });
  beforeAll(async () => {
    await addUser(server.built.catalog, 'root', [{ role: 'admin', pattern: '**' }]);
    await addUser(server.built.catalog, 'writer', [{ role: 'writer', pattern: '**' }]);
  });
  const as = (user: string) => ({ authorization: basic(user) });
  const put = (name: string, body: object) =>
    request(server.url).put(`/admin/workloads/${name}`).set(as('root')).send(body);
  const remove = (name: string) => request(server.url).delete(`/admin/workloads/${name}`).set(as('root'));
  const list = async () =>
    (await request(server.url).get('/admin/workloads').set(as('root')).expect(200)).body.rules as { name: string }[];

  it('are those of the configuration and those that administrators made, complete', async () => {
    const settings = { preset: 'gitlab', claims: ['project_path=group/app'], repositories: ['group/*'] };
    expect((await put('lab', settings)).status).toBe(204);
    expect(await list()).toEqual([
      {
        name: 'fixed',
        source: 'configuration',
        problems: [],
        issuer: 'https://token.actions.githubusercontent.com',
        audience: 'https://registry.test',
        algorithms: ['RS256'],
        claims: ['repository=acme/app'],
        single_use: true,
        repositories: [],
        actions: ['pull', 'push', 'create', 'update'],
      },
      {
        name: 'lab',
        source: 'catalog',
        problems: [],
        issuer: 'https://gitlab.com',
        audience: 'https://registry.test',
        algorithms: ['RS256'],
        claims: ['project_path=group/app'],
        single_use: true,
        repositories: ['group/*'],
        actions: ['pull', 'push', 'create', 'update'],
      },
    ]);
  });

  it('are changed, and deleted once', async () => {
    const settings = { issuer: 'https://ci.test', claims: ['team=core'], jwks_url: 'https://ci.test/keys' };
    await put('own', settings).expect(204);
    await put('own', { ...settings, audience: 'x', single_use: false }).expect(204);
    expect((await list()).find(({ name }) => name === 'own')).toMatchObject({
      audience: 'x',
      single_use: false,
      jwks_url: 'https://ci.test/keys',
    });
    expect([(await remove('own')).status, (await remove('own')).status]).toEqual([204, 404]);
  });

  it('of the configuration stay as they are', async () => {
    expect((await put('fixed', { preset: 'github', claims: ['repository=acme/app'] })).status).toBe(409);
    expect((await remove('fixed')).status).toBe(400);
  });

  it.each<[object, RegExp]>([
    [{ preset: 'github' }, /lets in all jobs/],
    [{ preset: 'github', claims: ['repository=acme*'] }, /whose jobs/],
    [{ preset: 'travis', claims: ['a=b'] }, /preset/],
    [{ issuer: 'https://ci.test', claims: ['a=b'], algorithms: ['none'] }, /algorithm/],
    [{ issuer: 'https://ci.test', claims: ['a=b'], actions: ['admin'] }, /admin/],
    [{ issuer: 'https://ci.test', claims: ['a=b'], color: 'red' }, /color/],
    [{ claims: 'a=b' }, /claims/],
  ])('are refused with what is wrong: %j', async (body, problem) => {
    const answer = await put('wrong', body);
    expect([answer.status, JSON.stringify(answer.body.errors)]).toEqual([400, expect.stringMatching(problem)]);
    expect((await list()).map(({ name }) => name)).not.toContain('wrong');
  });

  it('are for administrators', async () => {
    for (const [headers, status] of [
      [{}, 401],
      [as('writer'), 403],
    ] as const) {
      expect((await request(server.url).get('/admin/workloads').set(headers)).status).toBe(status);
      expect((await request(server.url).put('/admin/workloads/x').set(headers).send({})).status).toBe(status);
      expect((await request(server.url).delete('/admin/workloads/fixed').set(headers)).status).toBe(status);
    }
  });

  it('have names that files could have', async () => {
    for (const name of ['A', '1a', 'a b', 'a%2fb', '..']) {
      expect([400, 404]).toContain((await put(name, { issuer: 'https://ci.test', claims: ['a=b'] })).status);
    }
  });
});
