import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openRig, useRig } from './rig.suite.ts';

describe('COLA: limits', () => {
  const used = useRig({ settings: { 'facades.cola.rate_limit': '100', 'server.trusted_proxies': '127.0.0.1' } });
  const get = (address: string, path = '/api/v1/registry') =>
    request(used.rig.server.url).get(path).set('x-forwarded-for', address);

  it('case 24: lets 100 requests a minute pass from one address, each on a connection of its own', async () => {
    for (let sent = 0; sent < 100; sent += 1)
      expect((await get('192.0.2.1').set('connection', 'close')).status).toBe(200);
    const refused = await get('192.0.2.1').expect(429);
    expect(refused.body.error.code).toBe('RATE_LIMIT_EXCEEDED');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await get('192.0.2.2').expect(200);
    await get('192.0.2.1', '/api/v1/health').expect(200);
    const index = await get('192.0.2.1', '/api/v1/registry/ops/index.json').expect(429);
    expect(index.headers['access-control-allow-origin']).toBe('*');
  });

  it('case 24: takes back what who has the index already asks for', async () => {
    await used.rig.post('/registry', { name: 'ops' });
    const first = await get('192.0.2.3', '/api/v1/registry/ops/index.json').expect(200);
    for (let sent = 0; sent < 150; sent += 1) {
      const again = await get('192.0.2.3', '/api/v1/registry/ops/index.json').set(
        'if-none-match',
        String(first.headers['etag']),
      );
      expect(again.status).toBe(304);
    }
  });
});

describe('COLA: what watches it', () => {
  it('case 24: believes in no header where nobody is trusted', async () => {
    const rig = await openRig({ settings: { 'facades.cola.rate_limit': '3' } });
    try {
      const answers = [];
      for (const forged of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) {
        answers.push((await rig.stranger.get('/api/v1/registry').set('x-forwarded-for', forged)).status);
      }
      expect(answers).toEqual([200, 200, 200, 429]);
    } finally {
      await rig.server.close();
    }
  });

  it('case 25: counts', async () => {
    const rig = await openRig();
    try {
      await rig.post('/registry', { name: 'ops' }).expect(201);
      for (let read = 0; read < 3; read += 1) await rig.get('/registry/ops/index.json').expect(200);
      await rig.stranger.post('/api/v1/registry').send({ name: 'x' }).expect(401);
      await rig.post('/registry', { name: 'X' }).expect(400);
      const { body } = await rig.stranger.get('/api/v1/metrics').expect(200);
      expect(body).toEqual({
        total_requests: 6,
        by_type: {
          index_requests: 3,
          registry_creates: 1,
          registry_reads: 0,
          registry_updates: 0,
          registry_deletes: 0,
          package_creates: 0,
          package_reads: 0,
          package_updates: 0,
          package_deletes: 0,
          version_creates: 0,
          version_reads: 0,
          version_deletes: 0,
        },
        by_status: { auth_failures: 1, rate_limit_exceeded: 0, validation_errors: 1 },
      });
      for (const [path, accept] of [
        ['/api/v1/metrics?format=prometheus', '*/*'],
        ['/api/v1/metrics', 'text/plain'],
      ] as const) {
        const { text } = await rig.stranger.get(path).set('accept', accept).expect(200);
        expect(text).toContain('cola_operations_total{type="index_requests"} 3\n');
        expect(text).toContain('# TYPE cola_request_duration_seconds histogram\n');
        expect(text).not.toContain('http_requests_total');
      }
    } finally {
      await rig.server.close();
    }
  });

  it('names each request in its answer, by the name that the client gave it', async () => {
    const rig = await openRig();
    try {
      const named = await rig.stranger.get('/api/v1/registry/none').set('x-request-id', 'mine-1').expect(404);
      expect(named.headers['x-request-id']).toBe('mine-1');
      expect((await rig.stranger.get('/api/v1/registry').expect(200)).headers['x-request-id']).toMatch(/^[\w-]{8,}$/);
    } finally {
      await rig.server.close();
    }
  });
});

describe('COLA: on a listener of its own', () => {
  it('has its own forms of /, /health and /metrics, and nothing of the product', async () => {
    const rig = await openRig({ settings: { 'facades.cola.listen': '127.0.0.1:0' } });
    const [own] = rig.server.built.ownListeners;
    if (!own) throw new Error('there is no listener');
    const { createExchange } = rig.server.built;
    const server = createServer((req, res) => own.begin(createExchange(req, res, false)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect((await request(url).get('/')).body).toEqual({ service: 'cola-registry', version: '0.0.0-test' });
      expect((await request(url).get('/health')).body).toMatchObject({ status: 'healthy' });
      expect((await request(url).get('/metrics')).body).toMatchObject({ by_type: { index_requests: 0 } });
      expect((await request(url).get('/api/v1/registry').expect(200)).body).toEqual([]);
      for (const path of ['/v2/', '/readyz', '/admin/audit']) {
        expect((await request(url).get(path)).body.error.code).toBe('NOT_FOUND');
      }
    } finally {
      server.close();
      await rig.server.close();
    }
  });
});
