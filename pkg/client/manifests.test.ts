import { describe, expect, it } from '@jest/globals';
import { digestOf, OCI_IMAGE_MANIFEST } from '../oci/index.ts';
import { failureOf, useScriptedRegistry, type Answer } from './scripted-registry.suite.ts';

const registry = useScriptedRegistry();
const body = '{ "schemaVersion": 2 }';
const bytes = Buffer.from(body);
const digest = digestOf(bytes);
const sha512 = digestOf(bytes, 'sha512');
const other = digestOf(Buffer.from('other'));
const TYPE = { 'content-type': `${OCI_IMAGE_MANIFEST}; charset=utf-8` };

const stored = (headers: Record<string, string> = {}): Answer => ({
  status: 200,
  body,
  headers: { ...TYPE, ...headers },
});
const query = (...tags: readonly string[]): string => tags.map((tag) => `tag=${tag}`).join('&');

describe('getManifest', () => {
  it.each([
    ['a tag and the digest that the registry names', 'latest', { 'docker-content-digest': digest }, digest],
    ['a tag, in the algorithm that the registry names', 'latest', { 'docker-content-digest': sha512 }, sha512],
    ['a tag alone', 'latest', {}, digest],
    ['a digest', digest, {}, digest],
    ['a digest of sha512', sha512, { 'docker-content-digest': digest }, sha512],
  ])('verifies %s', async (_what, reference, headers, expected) => {
    registry.play([`GET /v2/a/b/manifests/${reference}`, stored(headers)]);
    const manifest = await registry.client.getManifest('a/b', reference);
    expect(manifest).toEqual({ digest: expected, mediaType: OCI_IMAGE_MANIFEST, size: bytes.length, bytes });
  });

  it.each([
    ['a digest that is not the one asked for', other, {}],
    ['a digest that is not the one named', 'latest', { 'docker-content-digest': other }],
  ])('refuses content of %s', async (_what, reference, headers) => {
    registry.play([`GET /v2/a/manifests/${reference}`, stored(headers)]);
    expect(await failureOf(registry.client.getManifest('a', reference))).toMatchObject({ failure: 'corrupt' });
  });

  it('asks for all types, those that it knows first', async () => {
    registry.play(['GET /v2/a/manifests/x', stored()]);
    await registry.client.getManifest('a', 'x');
    expect(registry.received[0]?.headers.accept).toMatch(
      /^application\/vnd\.oci\.image\.index\.v1\+json, .*\*\/\*;q=0\.5$/,
    );
  });

  it('fails where there is none, with what the registry says', async () => {
    registry.play(['GET /v2/a/manifests/x', { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' }]);
    const failure = await failureOf(registry.client.getManifest('a', 'x'));
    expect(failure).toMatchObject({ status: 404, codes: ['MANIFEST_UNKNOWN'] });
  });

  it('takes no more than 16 MiB', async () => {
    registry.play(['GET /v2/a/manifests/x', { status: 200, body: Buffer.alloc(16 * 1024 * 1024 + 1) }]);
    expect(await failureOf(registry.client.getManifest('a', 'x'))).toMatchObject({ failure: 'protocol' });
  });

  it('says so where the answer breaks off', async () => {
    registry.play(['GET /v2/a/manifests/x', { ...stored(), broken: 'within' }]);
    expect(await failureOf(registry.client.getManifest('a', 'x'))).toMatchObject({ failure: 'unreachable' });
  });
});

describe('headManifest', () => {
  const length = { 'content-length': String(bytes.length) };

  it('tells digest, type and size', async () => {
    registry.play([
      'HEAD /v2/a/manifests/x',
      { status: 200, headers: { ...TYPE, ...length, 'docker-content-digest': digest } },
    ]);
    const info = { digest, mediaType: OCI_IMAGE_MANIFEST, size: bytes.length };
    expect(await registry.client.headManifest('a', 'x')).toEqual(info);
  });

  it('is undefined where there is none', async () => {
    registry.play([`HEAD /v2/a/manifests/${digest}`, { status: 404 }]);
    expect(await registry.client.headManifest('a', digest)).toBeUndefined();
  });

  it('reads the manifest where the registry does not tell its digest', async () => {
    registry.play(['HEAD /v2/a/manifests/x', { status: 200, headers: length }], ['GET /v2/a/manifests/x', stored()]);
    expect(await registry.client.headManifest('a', 'x')).toEqual({
      digest,
      mediaType: OCI_IMAGE_MANIFEST,
      size: bytes.length,
    });
  });
});

describe('putManifest', () => {
  const manifest = { bytes, mediaType: OCI_IMAGE_MANIFEST };
  const created = (headers: Record<string, string> = {}): Answer => ({ status: 201, headers });

  it('puts the very bytes with their type under a tag', async () => {
    registry.play(['PUT /v2/a/manifests/x', created({ 'docker-content-digest': digest, 'oci-subject': other })]);
    expect(await registry.client.putManifest('a', 'x', manifest)).toEqual({ digest, subject: other });
    expect(registry.received[0]).toMatchObject({ body, headers: { 'content-type': OCI_IMAGE_MANIFEST } });
  });

  it('puts under a digest of either algorithm', async () => {
    registry.play([`PUT /v2/a/manifests/${digest}`, created()], [`PUT /v2/a/manifests/${sha512}`, created()]);
    expect(await registry.client.putManifest('a', digest, manifest)).toEqual({ digest, subject: undefined });
    expect(await registry.client.putManifest('a', sha512, manifest)).toEqual({ digest: sha512, subject: undefined });
  });

  it('puts several tags in one request', async () => {
    const line = `PUT /v2/a/manifests/${digest}?${query('1.2.3', '1.2', '1')}`;
    registry.play([line, created({ 'oci-tag': '1.2.3, 1.2,1' })]);
    await registry.client.putManifest('a', '1.2.3', { ...manifest, tags: ['1.2', '1', '1'] });
    expect(registry.received).toHaveLength(1);
  });

  it('puts one by one the tags that the registry did not take along', async () => {
    registry.play(
      [`PUT /v2/a/manifests/${digest}?${query('x', 'y', 'z')}`, { status: 201, headers: { 'oci-tag': ['x'] } }],
      ['PUT /v2/a/manifests/y', created()],
      ['PUT /v2/a/manifests/z', created()],
    );
    await registry.client.putManifest('a', digest, { ...manifest, tags: ['x', 'y', 'z'] });
    expect(registry.received.every(({ body: text }) => text === body)).toBe(true);
  });

  it('fails where the registry kept something else', async () => {
    registry.play(['PUT /v2/a/manifests/x', created({ 'docker-content-digest': other })]);
    expect(await failureOf(registry.client.putManifest('a', 'x', manifest))).toMatchObject({ failure: 'corrupt' });
  });

  it('does not mind a digest in another algorithm', async () => {
    registry.play(['PUT /v2/a/manifests/x', created({ 'docker-content-digest': sha512 })]);
    expect(await registry.client.putManifest('a', 'x', manifest)).toMatchObject({ digest });
  });

  it('is sent again after a challenge', async () => {
    registry.play(
      ['PUT /v2/a/manifests/x', (url) => ({ status: 401, headers: { 'www-authenticate': `Bearer realm="${url}/t"` } })],
      ['GET /t?scope=repository%3Aa%3Apull%2Cpush', { status: 200, body: '{"token":"T"}' }],
      ['PUT /v2/a/manifests/x', created()],
    );
    await registry.client.putManifest('a', 'x', manifest);
    expect(registry.received.at(-1)?.body).toBe(body);
  });
});

describe('deletes', () => {
  it('name a manifest by digest and a tag by its name', async () => {
    registry.play([`DELETE /v2/a/manifests/${digest}`, { status: 202 }], ['DELETE /v2/a/manifests/x', { status: 202 }]);
    await registry.client.deleteManifest('a', digest);
    await registry.client.deleteTag('a', 'x');
    expect(registry.received).toHaveLength(2);
  });

  it('fail where they are switched off', async () => {
    registry.play(['DELETE /v2/a/manifests/x', { status: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' }]);
    expect(await failureOf(registry.client.deleteTag('a', 'x'))).toMatchObject({ status: 405, codes: ['UNSUPPORTED'] });
  });
});
