import { describe, expect, it } from '@jest/globals';
import { ADMIN, HEX, useRig } from './rig.suite.ts';

const code = (body: unknown): unknown => (body as { error?: { code?: unknown } }).error?.code;

describe('COLA: registries, packages and versions', () => {
  const used = useRig();

  it('case 2: lists no registry on a fresh store', async () => {
    const { body } = await used.rig.get('/registry').expect(200);
    expect(body).toEqual([]);
  });

  it('case 3: asks who comes before a write, also below a registry that is not there', async () => {
    for (const path of [
      '/api/v1/registry',
      '/api/v1/registry/none/package',
      '/api/v1/registry/none/package/x/version',
    ]) {
      const answer = await used.rig.stranger.post(path).send({ name: 'ops' }).expect(401);
      expect(answer.headers['www-authenticate']).toContain('Basic realm="COLA Registry"');
      expect(code(answer.body)).toBe('UNAUTHORIZED');
    }
  });

  it('case 4: reads JSON whatever the body is called, and refuses a second registry of the name', async () => {
    const send = () =>
      used.rig.stranger
        .post('/api/v1/registry')
        .set({ authorization: ADMIN, 'content-type': 'application/x-www-form-urlencoded' })
        .send('{"name":"ops"}');
    const made = await send().expect(201);
    expect(made.text).toBe('{"name":"ops","description":"","packages":{},"package_count":0}');
    expect(made.headers['location']).toBe(`${used.rig.server.url}/api/v1/registry/ops`);
    expect(code((await send().expect(409)).body)).toBe('REGISTRY_ALREADY_EXISTS');
  });

  it('case 5: names', async () => {
    for (const name of ['Ops', 'a.b', '-x', 'a'.repeat(65), '']) {
      expect(code((await used.rig.post('/registry', { name }).expect(400)).body)).toBe('VALIDATION_ERROR');
    }
    for (const name of ['a'.repeat(64), 'a--', '0_x']) {
      await used.rig.post('/registry', { name }).expect(201);
      await used.rig.get(`/registry/${name}`).expect(200);
    }
  });

  it('case 6: bodies that cannot be read, or are too large', async () => {
    const bad = await used.rig.post('/registry', {}).send('{bad').expect(400);
    expect(bad.body).toEqual({ error: { code: 'VALIDATION_ERROR', message: 'Invalid JSON in request body' } });
    const large = await used.rig
      .post('/registry', { name: 'ops', description: 'x'.repeat(2 * 1024 * 1024) })
      .expect(413);
    expect(code(large.body)).toBe('PAYLOAD_TOO_LARGE');
  });

  it('case 7: custom values', async () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));
    for (const custom of [many(21), { '1x': 'v' }, { k: 'v'.repeat(1025) }, { k: 1 }]) {
      expect((await used.rig.post('/registry', { name: 'ops', custom_values: custom })).status).toBe(400);
    }
    await used.rig.post('/registry', { name: 'ops', custom_values: many(20) }).expect(201);
  });

  it('case 8: changes what is given and nothing else', async () => {
    await used.rig.post('/registry', { name: 'ops', admins: ['a'], custom_values: { k: 'v' } });
    await used.rig.post('/registry/ops/package', { name: 'tool' });
    const changed = await used.rig.put('/registry/ops', { description: 'd' }).expect(200);
    expect(changed.body).toMatchObject({
      description: 'd',
      admins: ['a'],
      custom_values: { k: 'v' },
      package_count: 1,
    });
    const refused = await used.rig.put('/registry/ops', { name: 'other' }).expect(400);
    expect(refused.body.error.message).toBe('Registry name in URL must match name in body');
    const cleared = await used.rig.put('/registry/ops', { admins: [] }).expect(200);
    expect(cleared.body).toMatchObject({ description: 'd', custom_values: { k: 'v' } });
    expect(cleared.body).not.toHaveProperty('admins');
    const asPatch = await used.rig.put('/registry/ops/package/tool', { maintainers: ['m'] }).expect(200);
    expect(asPatch.body).toMatchObject({ name: 'tool', maintainers: ['m'] });
  });

  it('case 9: a registry that is not there', async () => {
    const { body } = await used.rig.get('/registry/none').expect(404);
    expect(body).toEqual({
      error: {
        code: 'REGISTRY_NOT_FOUND',
        message: "Registry 'none' not found",
        details: { resource_type: 'registry', resource_name: 'none' },
      },
    });
  });

  it('case 10: packages that are not there, and that are there already', async () => {
    expect(code((await used.rig.post('/registry/none/package', { name: 'x' }).expect(404)).body)).toBe(
      'REGISTRY_NOT_FOUND',
    );
    await used.rig.makePackage('tool');
    expect(code((await used.rig.post('/registry/ops/package', { name: 'tool' }).expect(409)).body)).toBe(
      'PACKAGE_ALREADY_EXISTS',
    );
    expect(code((await used.rig.get('/registry/ops/package/none').expect(404)).body)).toBe('PACKAGE_NOT_FOUND');
  });

  it('case 11: checksums are kept and told as bare lower-case hex', async () => {
    await used.rig.makePackage('tool');
    const upper = await used.rig.publish('tool', '1.0.0', { checksum: HEX.toUpperCase() });
    const prefixed = await used.rig.publish('tool', '1.0.1', { checksum: `sha256:${HEX}` });
    expect([upper.status, upper.body.checksum, prefixed.status, prefixed.body.checksum]).toEqual([201, HEX, 201, HEX]);
    expect((await used.rig.index()).map(({ checksum }) => checksum)).toEqual([HEX, HEX]);
  });

  it('case 12: a version never changes, however many publish it at once', async () => {
    await used.rig.makePackage('tool');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => used.rig.publish('tool', '1.0.0', { endPartition: at })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const [lost] = answers.filter(({ status }) => status !== 201);
    expect([lost?.status, lost?.body.error.code, lost?.body.error.message]).toEqual([
      409,
      'VERSION_ALREADY_EXISTS',
      "Version '1.0.0' already exists (immutable)",
    ]);
    const made = answers.find(({ status }) => status === 201);
    expect((await used.rig.get('/registry/ops/package/tool/version/1.0.0')).body).toEqual(made?.body);
  });

  it('case 13: versions', async () => {
    await used.rig.makePackage('tool');
    for (const version of ['1', '1.2', '1.0.0-rc.1+b7'])
      expect((await used.rig.publish('tool', version)).status).toBe(201);
    for (const version of ['v1.0.0', '1.0.0.0', '01.0.0', '1.0.0_x'])
      expect((await used.rig.publish('tool', version)).status).toBe(400);
    const { body } = await used.rig.get('/registry/ops/package/tool/version').expect(200);
    expect((body as { version: string }[]).map(({ version }) => version)).toEqual(['1.0.0-rc.1+b7', '1', '1.2']);
  });

  it('case 14: partitions', async () => {
    await used.rig.makePackage('tool');
    expect((await used.rig.publish('tool', '1.0.0')).body).toMatchObject({ startPartition: 0, endPartition: 9 });
    for (const startPartition of [256, -1, 1.5, '0']) {
      expect((await used.rig.publish('tool', '1.0.1', { startPartition })).status).toBe(400);
    }
    const refused = await used.rig.publish('tool', '1.0.1', { startPartition: 256 });
    expect(refused.body.error).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'startPartition' } });
    expect((await used.rig.publish('tool', '1.0.1', { startPartition: 9, endPartition: 0 })).status).toBe(201);
  });

  it('case 15: a version is of the package that the path names', async () => {
    await used.rig.makePackage('tool');
    expect((await used.rig.publish('tool', '1.0.0', { name: 'other' })).status).toBe(400);
    expect((await used.rig.publish('tool', '1.0.0')).body.name).toBe('tool');
  });

  it('case 17: a plus in a path is a plus, encoded or not', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0-rc.1+b7');
    const plain = await used.rig.get('/registry/ops/package/tool/version/1.0.0-rc.1+b7').expect(200);
    const encoded = await used.rig.get('/registry/ops/package/tool/version/1.0.0-rc.1%2Bb7').expect(200);
    expect(encoded.body).toEqual(plain.body);
    expect(plain.body.version).toBe('1.0.0-rc.1+b7');
  });

  it('case 19: a registry goes with all it has', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    const gone = await used.rig.delete('/registry/ops').expect(204);
    expect(gone.text).toBe('');
    for (const path of ['', '/index.json', '/package', '/package/tool', '/package/tool/version/1.0.0']) {
      expect(code((await used.rig.get(`/registry/ops${path}`).expect(404)).body)).toBe('REGISTRY_NOT_FOUND');
    }
    expect((await used.rig.get('/registry').expect(200)).body).toEqual([]);
  });

  it('tells of paths and methods that there are not, without asking who comes', async () => {
    expect(code((await used.rig.stranger.get('/api/v1/nothing').expect(404)).body)).toBe('NOT_FOUND');
    const refused = await used.rig.stranger.put('/api/v1/registry').expect(405);
    expect([code(refused.body), refused.headers['allow']]).toEqual(['METHOD_NOT_ALLOWED', 'GET, POST, HEAD']);
  });

  it('warns of a pre-release that everybody gets above its release', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    expect(
      (await used.rig.publish('tool', '1.0.0-rc1', { startPartition: 21, endPartition: 21 })).headers,
    ).not.toHaveProperty('warning');
    expect((await used.rig.publish('tool', '1.0.0-rc2')).headers['warning']).toContain('1.0.0-rc2');
  });
});

describe('COLA: partitions that may not overlap', () => {
  const used = useRig({ settings: { 'facades.cola.partition_overlap': 'reject' } });

  it('case 16: refuses a version for some of the same', async () => {
    await used.rig.makePackage('tool');
    expect((await used.rig.publish('tool', '1.0.0', { endPartition: 4 })).status).toBe(201);
    const refused = await used.rig.publish('tool', '1.1.0', { startPartition: 4 });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'PARTITION_OVERLAP']);
    expect((await used.rig.publish('tool', '1.1.0', { startPartition: 5 })).status).toBe(201);
    expect((await used.rig.publish('tool', '1.1.0', { startPartition: 5 })).body.error.code).toBe(
      'VERSION_ALREADY_EXISTS',
    );
  });
});

describe('COLA: partitions by default', () => {
  const used = useRig();

  it('case 16: may overlap', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    expect((await used.rig.publish('tool', '1.1.0')).status).toBe(201);
  });
});
