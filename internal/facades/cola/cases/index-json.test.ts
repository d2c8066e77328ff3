import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { CatalogError } from '../../../catalog/index.ts';
import { HEX, useRig, type Entry } from './rig.suite.ts';

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, OPTIONS',
  'access-control-max-age': '86400',
};

describe('COLA: index.json', () => {
  const used = useRig();
  const index = (path = '/api/v1/registry/ops/index.json') => used.rig.stranger.get(path);

  it('case 20: is an empty list for an empty registry', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    const answer = await index().expect(200);
    expect([answer.text, answer.headers['content-type']]).toEqual(['[]', 'application/json']);
  });

  it('case 20: is sorted, with exactly six fields an entry', async () => {
    for (const name of ['b', 'a']) await used.rig.makePackage(name);
    for (const version of ['1.10.0', '1.2.0', '1.2.0-rc1']) await used.rig.publish('b', version);
    await used.rig.publish('a', '2');
    const { body, text } = await index().expect(200);
    expect((body as Entry[]).map(({ name, version }) => `${name} ${version}`)).toEqual([
      'a 2',
      'b 1.2.0-rc1',
      'b 1.2.0',
      'b 1.10.0',
    ]);
    expect(text.slice(0, text.indexOf('}') + 1)).toBe(
      `[{"name":"a","version":"2","checksum":"${HEX}","url":"https://dl.example.org/a-2.pkg","startPartition":0,"endPartition":9}`,
    );
  });

  it('case 21: may be read by pages of other sites, also where it is refused', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    expect((await index().expect(200)).headers).toMatchObject(CORS);
    expect((await index('/api/v1/registry/none/index.json').expect(404)).headers).toMatchObject(CORS);
    const asked = await used.rig.stranger.options('/api/v1/registry/ops/index.json').expect(200);
    expect([asked.text, asked.headers]).toEqual(['', expect.objectContaining(CORS)]);
    expect((await used.rig.stranger.get('/api/v1/registry').expect(200)).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  it('case 22: is not sent again to who has it, and is another at once after a change', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    const first = await index().expect(200);
    const etag = String(first.headers['etag']);
    expect(first.headers).toMatchObject({ 'cache-control': 'no-cache', vary: 'Accept-Encoding' });
    expect(Date.parse(String(first.headers['last-modified']))).toBeGreaterThan(0);
    const again = await index().set('if-none-match', etag).expect(304);
    expect([again.text, again.headers['etag']]).toEqual(['', first.headers['etag']]);
    await used.rig.publish('tool', '1.0.1');
    const changed = await index().set('if-none-match', etag).expect(200);
    expect(changed.headers['etag']).not.toBe(etag);
    expect(changed.body).toHaveLength(2);
    await used.rig.delete('/registry/ops/package/tool/version/1.0.1').expect(204);
    expect((await index().expect(200)).text).toBe(first.text);
  });

  it('case 23: answers to more slashes than needed, and to HEAD', async () => {
    await used.rig.makePackage('tool');
    const plain = await index().set('accept-encoding', 'identity').expect(200);
    for (const path of ['/api/v1/registry/ops//index.json', '//api/v1//registry/ops/index.json/']) {
      expect((await index(path).expect(200)).text).toBe(plain.text);
    }
    const head = await used.rig.stranger
      .head('/api/v1/registry/ops/index.json')
      .set('accept-encoding', 'identity')
      .expect(200);
    expect([head.text, head.headers['content-length'], head.headers['etag']]).toEqual([
      undefined,
      '2',
      plain.headers['etag'],
    ]);
  });

  it('is zipped for who takes that, and known by either tag', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    const plain = await index().set('accept-encoding', 'identity').expect(200);
    const zipped = await index().set('accept-encoding', 'gzip').expect(200);
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.text).toBe(plain.text); // the client unpacks it
    expect(zipped.headers['etag']).not.toBe(plain.headers['etag']);
    for (const etag of [plain.headers['etag'], zipped.headers['etag']]) {
      await index()
        .set({ 'accept-encoding': 'gzip', 'if-none-match': String(etag) })
        .expect(304);
    }
    for (const refused of ['identity', 'gzip;q=0', 'deflate']) {
      expect((await index().set('accept-encoding', refused).expect(200)).headers).not.toHaveProperty(
        'content-encoding',
      );
    }
  });

  it('shows a partition alone, and checksums with their algorithm, to who asks for it', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0', { endPartition: 4 });
    await used.rig.publish('tool', '1.1.0', { startPartition: 5 });
    const some = await index('/api/v1/registry/ops/index.json?partition=5&checksum=prefixed').expect(200);
    expect(some.body).toMatchObject([{ version: '1.1.0', checksum: `sha256:${HEX}` }]);
    for (const query of ['partition=256', 'partition=-1', 'partition=x', 'checksum=md5']) {
      await index(`/api/v1/registry/ops/index.json?${query}`).expect(400);
    }
  });

  it('names the host by which it was asked, whoever asked before', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    await used.rig.push('cola/ops/hello', '1.0.0');
    const urls = [];
    for (const host of ['one.example', 'two.example:8080']) {
      const { body } = await index().set('host', host).expect(200);
      urls.push(new URL((body as Entry[])[0]?.url ?? '').host);
    }
    expect(urls).toEqual(['one.example', 'two.example:8080']);
  });

  it('case 1: comes from a store that is healthy', async () => {
    expect((await used.rig.stranger.get('/api/v1/health').expect(200)).body).toEqual({
      status: 'healthy',
      checks: { storage: { status: 'healthy' } },
      version: '0.0.0-test',
    });
  });
});

describe('COLA: while the catalog is away', () => {
  const used = useRig();

  it('case 1: health is 503 with a message, index.json 503 and never a list', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    const { catalog } = used.rig.server.built;
    const away = async (): Promise<never> => {
      throw new CatalogError('busy', 'the database is away');
    };
    Object.assign(catalog.queries, { findGeneration: away, listArtifactsBelow: away });
    Object.assign(catalog, { check: away });
    const { url } = used.rig.server;
    const health = await request(url).get('/api/v1/health').expect(503);
    expect(health.body).toMatchObject({
      status: 'unhealthy',
      checks: { storage: { status: 'unhealthy', message: expect.any(String) } },
    });
    const refused = await request(url).get('/api/v1/registry/ops/index.json').expect(503);
    expect(refused.body.error.code).toBe('STORAGE_UNAVAILABLE');
    expect(refused.headers).toMatchObject({ ...CORS, 'retry-after': '5' });
  });
});

describe('COLA: while storage is away', () => {
  const used = useRig();

  it('case 1: index.json is 503, though the catalog could list what nobody can fetch', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    const { storage } = used.rig.server.built;
    Object.assign(storage, { check: () => Promise.reject(new Error('no such folder')) });
    const { url } = used.rig.server;
    await request(url).get('/api/v1/health').expect(503);
    const refused = await request(url).get('/api/v1/registry/ops/index.json').expect(503);
    expect(refused.headers).toMatchObject({ ...CORS, 'retry-after': '5' });
  });
});
