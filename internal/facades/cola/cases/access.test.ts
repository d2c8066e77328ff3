import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createSimulatedCdt } from '../../../testing/simulated-cdt.ts';
import { openTempFolder } from '../../../testing/temp-folder.ts';
import { makePackage } from '../../../testing/zip.ts';
import { addKey, addUser, basic } from '../../../server/auth-fixtures.suite.ts';
import { openServer } from '../../../server/fixtures.suite.ts';
import { createRig, openRig, sha256, useRig, type Entry } from './rig.suite.ts';

const ZIP = makePackage('hello', '1.0.0');
const HELLO = { bytes: ZIP, title: 'hello-1.0.0.pkg', mediaType: 'application/zip' };
const HOUR_MS = 3_600_000;

describe('COLA: reads that are not for everybody', () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1, 10, 20), ticksMs: 0 };
  const used = useRig({
    settings: { 'auth.anonymous': 'elsewhere/**' },
    clock: () => clock.nowMs,
    ticks: () => clock.ticksMs,
  });
  const index = () => request(used.rig.server.url).get('/api/v1/registry/ops/index.json');

  it('case 55: asks who comes, and signs URLs for clients that say it nowhere else', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    await used.rig.push('cola/ops/hello', '1.0.0', HELLO);
    await index().expect(401);
    const reader = await addKey(used.rig.server.built.catalog, 'reader', {
      repositories: ['cola/**'],
      actions: ['pull'],
    });
    const [entry] = (await index().auth('reader', reader).expect(200)).body as Entry[];
    const url = new URL(entry?.url ?? '');
    expect(url.pathname).toBe('/api/v1/registry/ops/package/hello/version/1.0.0/content');
    const get = (query = url.search) => request(url.origin).get(`${url.pathname}${query}`);
    expect(sha256((await get().responseType('blob').expect(200)).body as Buffer)).toBe(entry?.checksum);
    await get('').expect(401);
    expect((await get(url.search.replace(/sig=.{4}/, 'sig=0000')).expect(403)).body.error.code).toBe('FORBIDDEN');
    const other = url.pathname.replace('1.0.0', '1.0.1');
    await request(url.origin).get(`${other}${url.search}`).expect(403);
    clock.nowMs += 3 * HOUR_MS;
    expect((await get().expect(403)).body.error.message).toContain('expired');
  });

  it('case 55 (simulated cdt): installs with a key in the URL of the registry', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    await used.rig.push('cola/ops/hello', '1.0.0', HELLO);
    const access = { repositories: ['cola/**'], actions: ['pull'] };
    const key = await addKey(used.rig.server.built.catalog, 'reader', access);
    clock.ticksMs += 10_000;
    const folder = await openTempFolder('cola-cdt');
    try {
      const base = `${used.rig.server.url.replace('http://', `http://reader:${key}@`)}/api/v1/registry/ops`;
      const cdt = createSimulatedCdt({ base, folder: join(folder.path, 'cdt') });
      expect(await cdt.update()).toEqual(['installed hello 1.0.0']);
      expect(await cdt.run('hello')).toBe('hello from hello 1.0.0\n');
    } finally {
      await folder.remove();
    }
  });

  it('case 55: the index stays the same for an hour', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    await used.rig.push('cola/ops/hello', '1.0.0', HELLO);
    clock.nowMs = Date.UTC(2026, 0, 1, 10, 20);
    const first = await used.rig.get('/registry/ops/index.json').expect(200);
    clock.nowMs += HOUR_MS / 2;
    await used.rig.get('/registry/ops/index.json').set('if-none-match', String(first.headers['etag'])).expect(304);
    clock.nowMs += HOUR_MS / 2;
    expect((await used.rig.get('/registry/ops/index.json').expect(200)).headers['etag']).not.toBe(
      first.headers['etag'],
    );
  });

  it('shows each what they may read, in lists, counts and the index', async () => {
    const { catalog } = used.rig.server.built;
    await used.rig.post('/registry', { name: 'secret' });
    await used.rig.push('cola/ops/hello', '1.0.0', HELLO);
    await used.rig.push('cola/ops/hidden', '1.0.0', HELLO);
    await addUser(catalog, 'alice', [
      { role: 'reader', pattern: 'cola/ops' },
      { role: 'reader', pattern: 'cola/ops/hello' },
    ]);
    await addUser(catalog, 'bob');
    clock.ticksMs += 10_000; // what the server remembers of who may what is old by now
    const as = (name: string, path: string) =>
      request(used.rig.server.url).get(`/api/v1${path}`).set('authorization', basic(name));
    expect((await as('alice', '/registry').expect(200)).body).toMatchObject([{ name: 'ops', package_count: 1 }]);
    expect((await as('alice', '/registry/ops/package').expect(200)).body).toMatchObject([{ name: 'hello' }]);
    expect((await as('alice', '/registry/ops/index.json').expect(200)).body).toMatchObject([{ name: 'hello' }]);
    expect((await used.rig.get('/registry/ops/index.json').expect(200)).body).toHaveLength(2);
    expect((await as('bob', '/registry').expect(200)).body).toEqual([]);
    const [hidden, absent] = await Promise.all([as('bob', '/registry/secret'), as('bob', '/registry/nothing')]);
    expect([hidden.status, hidden.text.replaceAll('secret', '')]).toEqual([404, absent.text.replaceAll('nothing', '')]);
    const inside = await Promise.all(['hidden', 'nothing'].map((name) => as('alice', `/registry/ops/package/${name}`)));
    expect(inside.map(({ status, body }) => [status, body.error.code])).toEqual([
      [404, 'PACKAGE_NOT_FOUND'],
      [404, 'PACKAGE_NOT_FOUND'],
    ]);
    await as('alice', '/registry/ops/hidden-1.0.0.pkg').expect(404);
  });

  it('asks nobody at all to sign in for nothing', async () => {
    expect((await request(used.rig.server.url).get('/api/v1/registry')).status).toBe(401);
  });
});

describe('COLA: reads for everybody', () => {
  it('ignores credentials on them, even wrong ones, and not on writes', async () => {
    const rig = await openRig();
    try {
      await rig.post('/registry', { name: 'ops' });
      const wrong = { authorization: basic('admin', 'wrong') };
      expect((await rig.stranger.get('/api/v1/registry/ops/index.json').set(wrong)).status).toBe(200);
      expect((await rig.stranger.get('/api/v1/registry').set(wrong)).status).toBe(200);
      expect((await rig.stranger.post('/api/v1/registry').set(wrong).send({ name: 'x' })).status).toBe(401);
    } finally {
      await rig.server.close();
    }
  });

  it('case 26: tells who asks', async () => {
    const rig = await openRig();
    try {
      expect((await rig.get('/whoami').expect(200)).body).toEqual({ username: 'admin' });
      await rig.stranger.get('/api/v1/whoami').set('authorization', basic('admin', 'wrong')).expect(401);
      await addUser(rig.server.built.catalog, 'carol', [], ['dev']);
      const carol = await rig.stranger.get('/api/v1/whoami').set('authorization', basic('carol')).expect(200);
      expect(carol.body).toEqual({ username: 'carol', groups: ['dev'] });
    } finally {
      await rig.server.close();
    }
  });

  it('case 26: is anonymous where nobody is asked to sign in, and everything is open', async () => {
    const rig = createRig(await openServer());
    try {
      expect((await rig.stranger.get('/api/v1/whoami').expect(200)).body).toEqual({ username: 'anonymous' });
      await rig.stranger.post('/api/v1/registry').send({ name: 'ops' }).expect(201);
    } finally {
      await rig.server.close();
    }
  });
});
