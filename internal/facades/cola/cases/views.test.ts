import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { makePackage } from '../../../testing/zip.ts';
import { addUser, basic } from '../../../server/auth-fixtures.suite.ts';
import { useRig } from './rig.suite.ts';

describe('COLA: keys', () => {
  const clock = { ticksMs: 0 };
  const used = useRig({ ticks: () => clock.ticksMs, settings: { 'auth.anonymous': 'elsewhere/**' } });
  const as = (authorization: string, method: 'get' | 'post' | 'delete', path: string) =>
    request(used.rig.server.url)[method](`/api/v1${path}`).set('authorization', authorization);

  it('are made by users for themselves, for what they may at most, and taken back', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    await addUser(used.rig.server.built.catalog, 'alice', [{ role: 'reader', pattern: 'cola/**' }]);
    clock.ticksMs += 10_000;
    const alice = basic('alice');
    const wanted = { name: 'ci', role: 'publisher@ops', expires_at: '2999-01-01T00:00:00Z' };
    const made = await as(alice, 'post', '/apikeys').send(wanted).expect(201);
    expect(made.body).toMatchObject({ id: 'ci', role: 'publisher@ops', prefix: 'octk_', last_used_at: null });
    const key = `Bearer ${String(made.body.key)}`;
    clock.ticksMs += 10_000;
    expect((await as(key, 'get', '/registry').expect(200)).body).toHaveLength(1);
    // It is alice's, who may only read.
    const refused = await as(key, 'post', '/registry/ops/package').send({ name: 'tool' }).expect(403);
    const details = { action: 'push', resource_type: 'registry', resource_name: 'ops' };
    expect(refused.body.error).toMatchObject({ code: 'FORBIDDEN', details });
    const inPackage = await as(key, 'delete', '/registry/ops/package/a--/version/1.0.0').expect(403);
    expect(inPackage.body.error.details).toEqual({
      action: 'delete',
      resource_type: 'version',
      resource_name: '1.0.0',
    });
    await as(key, 'post', '/apikeys').send({ name: 'other', role: 'reader' }).expect(403);
    const byHeader = request(used.rig.server.url).get('/api/v1/whoami').set('x-api-key', String(made.body.key));
    expect((await byHeader.expect(200)).body).toEqual({ username: 'ci' });
    expect((await as(alice, 'get', '/apikeys').expect(200)).body).toMatchObject([{ id: 'ci' }]);
    expect((await as(alice, 'get', '/apikeys').expect(200)).text).not.toContain(String(made.body.key));
    expect((await used.rig.get('/apikeys').expect(200)).body).toHaveLength(1);
    await as(alice, 'delete', '/apikeys/ci').expect(204);
    clock.ticksMs += 10_000;
    await as(key, 'get', '/whoami').expect(401);
  });

  it('are refused with a role that there is not, and hidden from others', async () => {
    for (const role of ['root', 'reader@No', 'reader@a@b', '']) {
      expect((await used.rig.post('/apikeys', { name: 'ci', role })).status).toBe(400);
    }
    await used.rig.post('/apikeys', { name: 'mine', role: 'reader' }).expect(201);
    const again = await used.rig.post('/apikeys', { name: 'mine', role: 'reader' }).expect(409);
    expect(again.body.error.code).toBe('ALREADY_EXISTS');
    await addUser(used.rig.server.built.catalog, 'bob');
    clock.ticksMs += 10_000;
    expect((await as(basic('bob'), 'get', '/apikeys').expect(200)).body).toEqual([]);
    expect((await as(basic('bob'), 'delete', '/apikeys/mine')).status).toBe(404);
  });
});

describe('COLA: the audit', () => {
  const used = useRig();

  it('tells who changed what, through whichever door, newest first and page by page', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    await used.rig.push('cola/ops/hello', '2.0.0', { bytes: makePackage('hello', '2.0.0') });
    await used.rig.push('elsewhere/app', '1.0.0');
    await used.rig.delete('/registry/ops/package/tool/version/1.0.0').expect(204);
    const { body } = await used.rig.get('/audit?registry=ops').expect(200);
    const told = (
      body.entries as { action: string; package: string; version: string; actor: string; outcome: string }[]
    )
      .filter(({ action }) => /^(registry|package|version)\./.test(action))
      .map(({ action, package: name, version, actor, outcome }) => [action, name, version, actor, outcome].join(' '));
    expect(told).toEqual([
      'version.delete tool 1.0.0 user:admin ok',
      'version.create hello 2.0.0 user:admin ok',
      'version.create tool 1.0.0 user:admin ok',
      'package.create tool  user:admin ok',
      'registry.create   user:admin ok',
    ]);
    const some = await used.rig.get('/audit?action=version.create&actor=admin&limit=1').expect(200);
    expect(some.body.entries).toMatchObject([
      { package: 'hello', version: '2.0.0', after: expect.stringMatching(/^sha256:/) },
    ]);
    const rest = await used.rig
      .get(`/audit?action=version.create&limit=9&cursor=${String(some.body.next)}`)
      .expect(200);
    expect(rest.body.entries).toMatchObject([{ package: 'tool', version: '1.0.0' }]);
    expect(rest.body).not.toHaveProperty('next');
  });

  it('is for admins, of everything or of their registry', async () => {
    const { catalog } = used.rig.server.built;
    await addUser(catalog, 'lead', [{ role: 'admin', pattern: 'cola/ops' }]);
    await addUser(catalog, 'carol', [{ role: 'writer', pattern: 'cola/**' }]);
    await used.rig.makePackage('tool');
    const ask = async (name: string, query: string) =>
      (await request(used.rig.server.url).get(`/api/v1/audit${query}`).set('authorization', basic(name))).status;
    expect([await ask('lead', '?registry=ops'), await ask('lead', ''), await ask('lead', '?registry=web')]).toEqual([
      200, 403, 403,
    ]);
    expect([await ask('carol', '?registry=ops'), await ask('nobody', '')]).toEqual([403, 401]);
    for (const query of ['?limit=x', '?since=x', '?cursor=x', '?action=x'])
      expect((await used.rig.get(`/audit${query}`)).status).toBe(400);
  });
});

describe('COLA: retention', () => {
  const used = useRig({
    settings: {
      'retention.old.repositories': 'cola/**',
      'retention.old.tags': '*.*',
      'retention.old.keep_versions': '1',
    },
  });

  it('tells what the rules let go of, and removes it', async () => {
    await used.rig.makePackage('tool');
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await used.rig.publish('tool', version);
    const run = (query: string) => used.rig.post(`/registry/ops/retention/run${query}`, {});
    const dry = await run('?dry_run=true').expect(200);
    expect((dry.body.versions as { version: string }[]).map(({ version }) => version).toSorted()).toEqual([
      '1.0.0',
      '1.1.0',
    ]);
    expect(await used.rig.index()).toHaveLength(3);
    expect((await run('').expect(200)).body.versions).toHaveLength(2);
    expect((await used.rig.index()).map(({ version }) => version)).toEqual(['1.2.0']);
    expect((await used.rig.get('/registry/ops/package/tool').expect(200)).body.name).toBe('tool');
  });
});
