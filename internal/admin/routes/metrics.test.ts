import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf } from '../../http/refusal.suite.ts';
import { eventually, shareServer, useServer } from '../../server/fixtures.suite.ts';
import { createSamples } from '../../testing/images.ts';
import { createPusher } from '../../testing/push.ts';

describe('the metrics', () => {
  const server = useServer();
  const scrape = async (): Promise<string> => (await request(server.url).get('/metrics').expect(200)).text;

  it('are Prometheus text', async () => {
    const answer = await request(server.url).get('/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.text).toContain('# TYPE http_requests_total counter');
  });

  it('count each request under the template of its path, never under its name', async () => {
    await createPusher(server.url).image('some/secret/name', createSamples('metrics').image(), 'latest');
    for (const path of [
      '/v2/',
      '/v2/some/secret/name/tags/list',
      '/v2/some/secret/name/manifests/none',
      '/v2/x/y/z',
      '/v2/_catalog',
      '/nothing/here',
    ]) {
      await request(server.url).get(path);
    }
    await eventually('all is counted', async () => /endpoint="other",status="404"\} 2/.test(await scrape()));
    const text = await scrape();
    expect(text).toMatch(/http_requests_total\{method="GET",endpoint="\/v2\/\{name\}\/tags\/list",status="200"\} 1/);
    expect(text).toMatch(
      /http_requests_total\{method="GET",endpoint="\/v2\/\{name\}\/manifests\/\{reference\}",status="404"\} 1/,
    );
    expect(text).toMatch(
      /http_requests_total\{method="PUT",endpoint="\/v2\/\{name\}\/manifests\/\{reference\}",status="201"\} 1/,
    );
    expect(text).not.toMatch(/secret|nothing|x\/y/);
  });

  it('do not count themselves', async () => {
    for (let turn = 0; turn < 3; turn += 1) await scrape();
    expect(await scrape()).not.toMatch(/http_requests_total\{/);
  });

  it('count what was done to blobs and manifests, and what went wrong', async () => {
    const image = createSamples('operations').image({ layers: 1 });
    await createPusher(server.url).image('a', image, 'latest');
    await request(server.url).get('/v2/a/manifests/latest').expect(200);
    await request(server.url).get('/v2/a/manifests/none').expect(404);
    await request(server.url).get(`/v2/a/blobs/${image.blobs[0]!.digest}`).expect(200);
    await request(server.url).post(`/v2/b/blobs/uploads/?mount=${image.blobs[0]!.digest}&from=a`).expect(201);
    await request(server.url).delete('/v2/a/manifests/latest').expect(202);
    const text = await scrape();
    for (const line of [
      'registry_blob_operations_total{operation="upload",status="success"} 2',
      'registry_blob_operations_total{operation="get",status="success"} 1',
      'registry_blob_operations_total{operation="mount",status="success"} 1',
      'registry_manifest_operations_total{operation="put",status="success"} 1',
      'registry_manifest_operations_total{operation="get",status="error"} 1',
      'registry_manifest_operations_total{operation="delete",status="success"} 1',
      'storage_errors_total{operation="get_manifest",error_type="manifest_not_found"} 1',
      'storage_operation_duration_seconds_count{operation="put_manifest",status="success"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });
});

describe('the totals among the metrics', () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ clock: () => clock.nowMs });

  it('are read at most once a minute', async () => {
    const scrape = async (): Promise<string> => (await request(server.url).get('/metrics').expect(200)).text;
    expect(await scrape()).toContain('registry_repositories_total 0');
    const image = createSamples('totals').image();
    await createPusher(server.url).image('a', image, 'one', 'two');
    await request(server.url).post('/v2/a/blobs/uploads/').expect(202);
    clock.nowMs += 59_000;
    expect(await scrape()).toContain('registry_repositories_total 0');
    clock.nowMs += 1000;
    const text = await scrape();
    const bytes = [image.manifest, ...image.blobs].reduce((sum, { size }) => sum + size, 0);
    for (const line of [
      'registry_repositories_total 1',
      'registry_tags_total 2',
      'registry_upload_sessions_active 1',
      `storage_disk_usage_bytes ${bytes}`,
    ]) {
      expect(text).toContain(line);
    }
  });
});

describe('metrics behind a password', () => {
  const settings = {
    'metrics.basic_auth.username': 'scraper',
    'metrics.basic_auth.password': 'pass:word',
    'metrics.endpoint': '/internal/metrics',
  };
  const server = shareServer({ settings });
  const ask = (authorization?: string) => {
    const asked = request(server.url).get('/internal/metrics');
    return authorization === undefined ? asked : asked.set('Authorization', authorization);
  };
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it('are given to who has it', async () => {
    expect((await ask(basic('scraper:pass:word'))).status).toBe(200);
    expect((await ask(basic('scraper:pass:word').replace('Basic', 'bAsIc'))).status).toBe(200);
  });

  it.each([
    undefined,
    '',
    'Basic',
    basic(''),
    basic('scraper:'),
    basic('scraper:pass'),
    basic('other:pass:word'),
    basic('scraper:pass:word '),
    'Bearer c2NyYXBlcjpwYXNzOndvcmQ=',
    'Basic \u00ff',
  ])('are refused to %j', async (authorization) => {
    const answer = await ask(authorization);
    expect([answer.status, answer.text]).toEqual([401, 'Unauthorized\n']);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="Metrics"');
  });

  it('are nowhere else', async () => {
    expect(refusalOf(await request(server.url).get('/metrics'))).toBe('404 UNSUPPORTED');
  });
});

describe('metrics that are switched off', () => {
  const server = shareServer({ settings: { 'metrics.enabled': 'false' } });

  it('are a path where nothing is', async () => {
    expect(refusalOf(await request(server.url).get('/metrics'))).toBe('404 UNSUPPORTED');
  });
});
