import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createSamples } from '../../testing/images.ts';
import { plant } from '../../server/auth-fixtures.suite.ts';
import { EMPTY_HASH, HELLO_HASH, shareFoundry, told, useFoundry } from './fixtures.suite.ts';

// The cases of foundry contract, section 10, by their numbers; those with real clients are in internal/testing/e2e.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const samples = createSamples('foundry');

describe('who asks', () => {
  const { ask } = shareFoundry();

  it('case 1: is asked for a token', async () => {
    const answer = await ask('GET', '/packages', { token: null });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: 'Unauthorized',
      code: 401,
      message: 'missing or invalid authorization header',
    });
    expect(answer.headers['x-request-id']).toMatch(UUID);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="foundry"');
    expect(answer.text.endsWith('}\n')).toBe(true);
  });

  it('case 2: is told of a wrong token; the scheme may be in lower case', async () => {
    expect(told(await ask('GET', '/packages', { token: 'nope' }))).toBe('401 invalid token');
    const answer = await ask('GET', '/packages', { token: null, headers: { Authorization: 'bearer t1' } });
    expect([answer.status, answer.text]).toEqual([200, '[]\n']);
  });

  it('case 21: is told of paths and methods that are none, as JSON, once they are known', async () => {
    const refused = await ask('GET', '/gc');
    expect([told(refused), refused.headers['allow']]).toEqual(['405 method not allowed', 'POST']);
    expect(told(await ask('GET', '/nope'))).toBe('404 route not found');
    expect(told(await ask('GET', '/nope', { token: null }))).toMatch(/^401 /);
    expect(told(await ask('GET', '/gc', { token: null }))).toMatch(/^401 /);
  });
});

describe('a version', () => {
  const { ask, put, server } = useFoundry();

  it('cases 3 to 5: is kept once, and given back as it was', async () => {
    const kept = await put('/artifacts/tool/2.1.0', 'hello');
    expect(kept.body).toEqual({
      package: 'tool',
      version: '2.1.0',
      hash: HELLO_HASH,
      size: 5,
      uploaded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(told(await ask('POST', '/artifacts/tool/2.1.0', { body: 'other' }))).toBe(
      '409 artifact tool@2.1.0 already exists',
    );
    const given = await ask('GET', '/artifacts/tool/2.1.0');
    expect([given.status, given.body.toString()]).toEqual([200, 'hello']);
    expect(given.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '5',
      'x-artifact-hash': HELLO_HASH,
      'content-disposition': 'attachment; filename="tool-2.1.0"',
      etag: `"sha256:${HELLO_HASH}"`,
      'accept-ranges': 'bytes',
    });
  });

  it('case 6: that is not there is not found', async () => {
    await put('/artifacts/tool/2.1.0', 'hello');
    expect(told(await ask('GET', '/artifacts/tool/9'))).toBe('404 artifact tool@9 not found');
  });

  it('case 7: may be empty', async () => {
    const kept = await ask('POST', '/artifacts/tool/0', { body: '' });
    expect([kept.status, kept.body]).toMatchObject([201, { hash: EMPTY_HASH, size: 0 }]);
    const given = await ask('GET', '/artifacts/tool/0');
    expect([given.status, given.headers['content-length'], given.body.length]).toEqual([200, '0', 0]);
  });

  it('case 12: is gone when it was deleted, and may be made anew', async () => {
    await put('/artifacts/tool/2.1.0', 'hello');
    const deleted = await ask('DELETE', '/artifacts/tool/2.1.0');
    expect([deleted.status, deleted.body]).toEqual([200, { status: 'deleted' }]);
    expect(told(await ask('GET', '/artifacts/tool/2.1.0'))).toBe('404 artifact tool@2.1.0 not found');
    expect(told(await ask('DELETE', '/artifacts/tool/2.1.0'))).toBe('404 not found: artifact tool@2.1.0');
    await put('/artifacts/tool/2.1.0', 'other');
    expect((await ask('GET', '/artifacts/tool/2.1.0')).body.toString()).toBe('other');
  });

  it('case 22: is addressed by its name decoded once, a plus being a plus', async () => {
    const kept = await put('/artifacts/a%2Fb/1.0.0%2Bx', 'content');
    expect(kept.body).toMatchObject({ package: 'a/b', version: '1.0.0+x' });
    const given = await ask('GET', '/artifacts/a%2Fb/1.0.0+x');
    expect([given.status, given.headers['content-disposition']]).toEqual([200, 'attachment; filename="a_b-1.0.0+x"']);
    expect(told(await ask('GET', '/artifacts/..%2Fx/1'))).toBe('400 invalid package name');
    expect(told(await ask('POST', '/artifacts/..%2Fx/1', { body: 'x' }))).toBe('400 invalid package name');
    expect(told(await ask('GET', '/artifacts/a/b/1.0.0+x'))).toBe('404 route not found');
  });

  it('case 23: is given in part, and not again to who has it', async () => {
    await put('/artifacts/tool/2.1.0', 'hello');
    const part = await ask('GET', '/artifacts/tool/2.1.0', { headers: { Range: 'bytes=1-3' } });
    expect([part.status, part.body.toString(), part.headers['content-range']]).toEqual([206, 'ell', 'bytes 1-3/5']);
    const etag = `"sha256:${HELLO_HASH}"`;
    expect((await ask('GET', '/artifacts/tool/2.1.0', { headers: { 'If-None-Match': etag } })).status).toBe(304);
    const outside = await ask('GET', '/artifacts/tool/2.1.0', { headers: { Range: 'bytes=9-' } });
    expect([outside.status, outside.headers['content-range']]).toEqual([416, 'bytes */5']);
  });

  it('is told by HEAD without its bytes', async () => {
    await put('/artifacts/tool/2.1.0', 'hello');
    const answer = await ask('HEAD', '/artifacts/tool/2.1.0');
    expect([answer.status, answer.headers['content-length'], answer.headers['x-artifact-hash']]).toEqual([
      200,
      '5',
      HELLO_HASH,
    ]);
    expect((await ask('HEAD', '/artifacts/tool/9')).status).toBe(404);
  });

  it('may be sent by PUT, and to a path with a slash at its end', async () => {
    expect((await ask('PUT', '/artifacts/tool/1', { body: 'hello' })).status).toBe(201);
    expect((await ask('GET', '/artifacts/tool/1/')).body.toString()).toBe('hello');
    expect((await ask('GET', '/packages/')).body).toMatchObject([{ name: 'tool' }]);
  });

  it('that shares its tag with another names the one that has it', async () => {
    await put('/artifacts/tool/1.0.0+x', 'hello');
    expect(told(await ask('POST', '/artifacts/tool/1.0.0_x', { body: 'other' }))).toBe(
      '409 artifact tool@1.0.0_x already exists: it shares its tag 1.0.0_x with 1.0.0+x',
    );
    expect((await ask('GET', '/artifacts/tool/1.0.0_x')).status).toBe(404);
    expect((await ask('DELETE', '/artifacts/tool/1.0.0_x')).status).toBe(404);
  });

  it.each([
    ['X-Artifact-Hash', HELLO_HASH],
    ['Repr-Digest', `sha-256=:${Buffer.from(HELLO_HASH, 'hex').toString('base64')}:`],
    ['Digest', `md5=aaaa, SHA-256=${Buffer.from(HELLO_HASH, 'hex').toString('base64')}`],
  ])('is held to what %s says of its bytes', async (name, value) => {
    const headers = { [name]: value };
    const wrong = await ask('POST', '/artifacts/tool/1', { body: 'other', headers });
    expect([wrong.status, (await ask('GET', '/artifacts/tool/1')).status]).toEqual([400, 404]);
    expect((await ask('POST', '/artifacts/tool/1', { body: 'hello', headers })).status).toBe(201);
  });

  it('is refused where what headers say of its bytes cannot be read', async () => {
    for (const value of ['zz', HELLO_HASH.slice(1)]) {
      const answer = await ask('POST', '/artifacts/tool/1', { body: 'hello', headers: { 'X-Artifact-Hash': value } });
      expect(told(answer)).toBe('400 the hash in the headers is no SHA-256');
    }
  });

  it('case 13: leaves its bytes, which go when garbage is collected', async () => {
    const body = Buffer.alloc(5000, 'x');
    await put('/artifacts/tool/1', body);
    await ask('DELETE', '/artifacts/tool/1');
    const first = await ask('POST', '/gc');
    expect(first.status).toBe(200);
    expect(first.body.deleted_blobs).toBeGreaterThanOrEqual(1);
    expect(first.body.freed_bytes).toBeGreaterThanOrEqual(body.length);
    expect((await ask('POST', '/gc')).body).toEqual({ deleted_blobs: 0, freed_bytes: 0 });
  });

  it('case 14: keeps bytes that another version has too', async () => {
    await put('/artifacts/a/1', 'same');
    await put('/artifacts/b/1', 'same');
    await ask('DELETE', '/artifacts/a/1');
    await ask('POST', '/gc');
    expect((await ask('GET', '/artifacts/b/1')).body.toString()).toBe('same');
  });

  it('case 15: is not all that a collection minds: images stay, and what is about to be one', async () => {
    const image = samples.image();
    await plant(server.built.registry, 'other/img', image, 'v1');
    await ask('POST', '/gc');
    const v2 = (path: string) => request(server.url).get(`/v2/other/img${path}`).auth('x', 't1');
    expect((await v2('/manifests/v1')).status).toBe(200);
    for (const { digest } of image.blobs) expect((await v2(`/blobs/${digest}`)).status).toBe(200);

    const late = samples.image();
    for (const { digest, bytes } of late.blobs) {
      const path = `/v2/other/late/blobs/uploads/?digest=${digest}`;
      await request(server.url).post(path).auth('x', 't1').type('application/octet-stream').send(bytes).expect(201);
    }
    await ask('POST', '/gc');
    const sent = request(server.url).put('/v2/other/late/manifests/v1').auth('x', 't1').type(late.manifest.mediaType);
    expect((await sent.send(late.manifest.bytes.toString())).status).toBe(201);
  });
});

describe('packages', () => {
  const { ask, put } = useFoundry();

  it('cases 8 and 9: are listed by name, and found by a part of it', async () => {
    for (const name of ['zeta', 'alpha', 'MyTool']) await put(`/artifacts/${name}/1`, name);
    const list = (await ask('GET', '/packages')).body as readonly { id: number; name: string }[];
    expect(list.map(({ name }) => name)).toEqual(['MyTool', 'alpha', 'zeta']);
    for (const { id } of list) expect(Number.isInteger(id)).toBe(true);
    expect(new Set(list.map(({ id }) => id)).size).toBe(3);
    const search = async (text: string) =>
      ((await ask('GET', `/packages?search=${text}`)).body as readonly { name: string }[]).map(({ name }) => name);
    expect(await search('ALP')).toEqual(['alpha']);
    expect(await search('%25')).toEqual([]);
    expect(await search('_')).toEqual([]);
    expect(await search('')).toEqual(['MyTool', 'alpha', 'zeta']);
    expect(await search('zeta&search=alpha')).toEqual(['zeta']);
    expect((await ask('GET', `/packages?search=${'x'.repeat(257)}`)).status).toBe(400);
  });

  it('are listed in pages where that is asked for', async () => {
    for (const name of ['a', 'B', 'c', 'd/e']) await put(`/artifacts/${encodeURIComponent(name)}/1`, name);
    const first = await ask('GET', '/packages?limit=2');
    expect(first.body.map(({ name }: { name: string }) => name)).toEqual(['B', 'a']);
    expect(first.headers['link']).toBe('</api/v1/packages?limit=2&after=a>; rel="next"');
    const second = await ask('GET', '/packages?limit=2&after=a');
    expect([second.body.map(({ name }: { name: string }) => name), second.headers['link']]).toEqual([
      ['c', 'd/e'],
      undefined,
    ]);
    for (const limit of ['0', '1001', 'x', '-1'])
      expect((await ask('GET', `/packages?limit=${limit}`)).status).toBe(400);
  });

  it('case 10: tell their versions, the newest first', async () => {
    await put('/artifacts/tool/2.0.0', 'two');
    await put('/artifacts/tool/1.0.0', 'hello');
    const { body } = await ask('GET', '/packages/tool');
    expect(body).toEqual({
      name: 'tool',
      versions: ['1.0.0', '2.0.0'].map((version) => ({
        id: expect.any(Number),
        package_id: expect.any(Number),
        package: 'tool',
        version,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        size: version === '1.0.0' ? 5 : 3,
        uploaded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      })),
    });
    expect(body.versions[0].package_id).toBe((await ask('GET', '/packages')).body[0].id);
  });

  it('case 11: that are not there are not found, and end with their last version', async () => {
    expect(told(await ask('GET', '/packages/none'))).toBe('404 package none not found');
    await put('/artifacts/tool/1', 'hello');
    await ask('DELETE', '/artifacts/tool/1');
    expect(told(await ask('GET', '/packages/tool'))).toBe('404 package tool not found');
    expect((await ask('GET', '/packages')).body).toEqual([]);
  });
});

describe('many at once', () => {
  const { ask, put } = useFoundry();

  it('case 16: of 300 packages, all are kept', async () => {
    const waiting = Array.from({ length: 300 }, (_, index) => index);
    const statuses: number[] = [];
    const work = async (): Promise<void> => {
      for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
        statuses.push((await ask('POST', `/artifacts/p${index}/1`, { body: `content ${index}` })).status);
      }
    };
    await Promise.all(Array.from({ length: 32 }, work));
    expect(statuses.filter((status) => status !== 201)).toEqual([]);
    expect(statuses).toHaveLength(300);
    expect((await ask('GET', '/packages')).body).toHaveLength(300);
  }, 120_000);

  it('case 16: of one version, exactly one wins, and what is given is its', async () => {
    const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`);
    const answers = await Promise.all(bodies.map((body) => ask('POST', '/artifacts/tool/1', { body })));
    const won = answers.flatMap(({ status, body }, index) => (status === 201 ? [{ index, hash: body.hash }] : []));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201,
      ...Array<number>(19).fill(409),
    ]);
    const given = await ask('GET', '/artifacts/tool/1');
    expect(given.body.toString()).toBe(bodies[won[0]?.index ?? -1]);
    expect(given.headers['x-artifact-hash']).toBe(won[0]?.hash);
  });

  it('case 17: uploads that were answered outlive collections that go on beside them', async () => {
    const uploading = new AbortController();
    const collecting = (async () => {
      const statuses = new Set<number>();
      while (!uploading.signal.aborted) statuses.add((await ask('POST', '/gc')).status);
      return [...statuses];
    })();
    const uploads = Array.from({ length: 50 }, (_, index) => `content ${index % 10}`);
    await Promise.all(uploads.map((body, index) => put(`/artifacts/p${index}/1`, body)));
    uploading.abort();
    expect(await collecting).toEqual([200]);
    for (const [index, body] of uploads.entries()) {
      expect((await ask('GET', `/artifacts/p${index}/1`)).body.toString()).toBe(body);
    }
  }, 120_000);
});
