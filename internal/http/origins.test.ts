import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { eventually, shareServer, useServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import type { Exchange } from './exchange.ts';
import { refuseOtherSites } from './origins.ts';
import { refusalOf } from './refusal.suite.ts';

const samples = createSamples('origins');
const IMAGE = samples.image();
type Headers = Readonly<Record<string, string>>;

describe('with nobody asked to sign in, a page of another site', () => {
  const server = useServer({ settings: { 'server.cors_origins': 'https://ui.example.com,http://localhost:3000' } });
  beforeEach(() => createPusher(server.url).image('a', IMAGE, 'latest'));

  const changes = (headers: Headers) => [
    request(server.url).post('/v2/a/blobs/uploads/').set(headers),
    request(server.url).post(`/v2/b/blobs/uploads/?mount=${IMAGE.blobs[0]!.digest}&from=a`).set(headers),
    request(server.url).put('/v2/a/manifests/latest').set(headers).send('{}'),
    request(server.url).patch('/v2/a/blobs/uploads/00000000-0000-4000-8000-000000000000').set(headers),
    request(server.url).delete('/v2/a/manifests/latest').set(headers),
    request(server.url).delete(`/v2/a/manifests/${IMAGE.manifest.digest}`).set(headers),
  ];

  it.each<readonly [string, Headers]>([
    ['from elsewhere', { Origin: 'https://evil.example' }],
    ['from a name that only begins like one of ours', { Origin: 'https://ui.example.com.evil.example' }],
    ['of a listed host in clear text', { Origin: 'http://ui.example.com' }],
    ['of a listed host on another port', { Origin: 'https://ui.example.com:8443' }],
    ['that hides where it is from', { Origin: 'null' }],
    ['whose origin is none', { Origin: 'evil' }],
    ['that a browser calls of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['that a browser calls of a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
    ['of this host, but another port', { Origin: 'http://127.0.0.1:1' }],
  ])('changes nothing: %s', async (_who, headers) => {
    for (const change of changes(headers)) expect(refusalOf(await change)).toBe('403 DENIED');
    expect((await request(server.url).get('/v2/a/manifests/latest')).headers['docker-content-digest']).toBe(
      IMAGE.manifest.digest,
    );
    expect((await request(server.url).get('/v2/_catalog')).body).toEqual({ repositories: ['a'] });
    for await (const upload of server.built.storage.uploads.list()) throw new Error(`${upload.id} was opened`);
  });

  it('may read', async () => {
    const headers = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    for (const method of ['get', 'head', 'options'] as const) {
      const answer = await request(server.url)[method]('/v2/a/manifests/latest').set(headers);
      expect([method, answer.status, answer.headers['access-control-allow-origin']]).toEqual([method, 200, '*']);
    }
  });

  it.each<readonly [string, Headers]>([
    ['one that is listed', { Origin: 'https://ui.example.com', 'Sec-Fetch-Site': 'cross-site' }],
    ['another that is listed', { Origin: 'http://localhost:3000' }],
    ['no browser', {}],
    ['a browser of this very site', { 'Sec-Fetch-Site': 'same-origin' }],
    ['a browser whose user typed the address', { 'Sec-Fetch-Site': 'none' }],
  ])('is not %s, which may change things', async (_who, headers) => {
    expect((await request(server.url).post('/v2/a/blobs/uploads/').set(headers)).status).toBe(202);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]'])(
    'is not the site under which this server is reached: %s',
    async (name) => {
      for (const host of [name, `${name}:${server.port}`, `${name}:8443`]) {
        const own = { Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' };
        expect([host, (await request(server.url).post('/v2/a/blobs/uploads/').set(own)).status]).toEqual([host, 202]);
      }
    },
  );

  it.each<readonly [string, Headers]>([
    ['its site', { Origin: 'http://evil.example:5000' }],
    ['no site', {}],
  ])('whose name was made to lead to this machine changes nothing, naming %s', async (_what, headers) => {
    const rebound = { Host: 'evil.example:5000', 'Sec-Fetch-Site': 'same-origin', ...headers };
    for (const change of changes(rebound)) expect(refusalOf(await change)).toBe('403 DENIED');
  });
});

describe('with nobody asked to sign in, a page of the public URL', () => {
  const server = shareServer({ settings: { 'server.public_url': 'https://registry.example:8443' } });

  it('may change things through a proxy on this machine, and that of no other port', async () => {
    for (const [host, status] of [
      ['registry.example:8443', 202],
      ['registry.example', 403],
    ] as const) {
      const own = { Host: host, Origin: `https://${host}` };
      expect([host, (await request(server.url).post('/v2/a/blobs/uploads/').set(own)).status]).toEqual([host, status]);
    }
  });
});

describe('refuseOtherSites', () => {
  const change = (localAddress: string) =>
    refuseOtherSites(
      {
        method: 'POST',
        header: (name: string) => ({ host: 'registry.lan:5000', origin: 'http://registry.lan:5000' })[name],
        req: { socket: { localAddress } },
      } as unknown as Exchange,
      [],
      undefined,
    );

  it.each(['192.168.0.9', 'fd00::9', '::ffff:192.168.0.9'])('lets any name lead to %s', (address) => {
    expect(() => change(address)).not.toThrow();
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('lets not any name lead to %s', (address) => {
    expect(() => change(address)).toThrow(expect.objectContaining({ code: 'DENIED' }));
  });
});

describe('what a proxy says of a client', () => {
  const forwarded = {
    'X-Forwarded-For': '203.0.113.9, 198.51.100.7',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'registry.example',
    'X-Forwarded-Prefix': '/prefix',
    Forwarded: 'for=203.0.113.9;host=registry.example;proto=https',
  };

  describe('that nobody trusts', () => {
    const server = shareServer();

    it('is not believed: neither in a Location nor in the log', async () => {
      const post = await request(server.url).post('/v2/a/blobs/uploads/').set(forwarded).expect(202);
      expect(post.headers['location']).toMatch(/^\/v2\/a\/blobs\/uploads\/[0-9a-f-]{36}$/);
      await eventually('it is logged', () => server.logged.some(({ message }) => message === 'HTTP request'));
      expect(server.logged.at(-1)?.fields['remote_addr']).toMatch(/^127\.0\.0\.1:\d+$/);
    });
  });

  describe('that is trusted', () => {
    const server = shareServer({ settings: { 'server.trusted_proxies': '127.0.0.0/8,198.51.100.0/24' } });

    it('is believed of the address, up to the first that nobody trusts', async () => {
      const post = await request(server.url).post('/v2/a/blobs/uploads/').set(forwarded).expect(202);
      expect(post.headers['location']).toMatch(/^\/v2\//);
      await eventually('it is logged', () => server.logged.some(({ message }) => message === 'HTTP request'));
      expect(server.logged.at(-1)?.fields['remote_addr']).toBe('203.0.113.9');
    });
  });
});
