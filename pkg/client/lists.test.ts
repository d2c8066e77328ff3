import { describe, expect, it } from '@jest/globals';
import { digestOf, OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from '../oci/index.ts';
import { referrersTag } from './paths.ts';
import { failureOf, listOf, useScriptedRegistry, type Answer } from './scripted-registry.suite.ts';

const registry = useScriptedRegistry();

const page = (value: unknown, link?: string): Answer => ({
  status: 200,
  body: JSON.stringify(value),
  ...(link !== undefined && { headers: { link: `<${link}>; rel="next"` } }),
});

describe('listTags', () => {
  it('follows links to the last page, relative and absolute ones', async () => {
    registry.play(
      ['GET /v2/a/b/tags/list?n=2&last=0', page({ tags: ['1', '2'] }, '/v2/a/b/tags/list?n=2&last=2')],
      ['GET /v2/a/b/tags/list?n=2&last=2', (url) => page({ tags: ['3', '4'] }, `${url}/v2/a/b/tags/list?token=x`)],
      ['GET /v2/a/b/tags/list?token=x', page({ tags: ['5'] })],
    );
    expect(await listOf(registry.client.listTags('a/b', { pageSize: 2, last: '0' }))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
  });

  it('asks for a page only when it is needed', async () => {
    registry.play(['GET /v2/a/tags/list', page({ tags: ['1', '2'] }, '/v2/a/tags/list?last=2')]);
    for await (const tag of registry.client.listTags('a')) if (tag === '2') break;
    expect(registry.received).toHaveLength(1);
  });

  it.each([
    ['no tags', { tags: [] }],
    ['null', { tags: null }],
    ['no list', {}],
  ])('is empty where the registry says %s', async (_what, value) => {
    registry.play(['GET /v2/a/tags/list', page(value)]);
    expect(await listOf(registry.client.listTags('a'))).toEqual([]);
  });

  it.each([
    ['at another host', 'https://evil.example.com/v2/a/tags/list?last=1'],
    ['at another port', 'http://127.0.0.1:1/v2/a/tags/list?last=1'],
    ['at another host without a scheme', '//evil.example.com/'],
    ['that is this page', '/v2/a/tags/list'],
    ['that is no URL', 'http://['],
  ])('refuses a next page %s', async (_what, link) => {
    registry.play(['GET /v2/a/tags/list', page({ tags: ['1'] }, link)]);
    const failure = await failureOf(listOf(registry.client.listTags('a')));
    expect(failure).toMatchObject({ failure: 'protocol', message: expect.stringContaining('the next page') });
  });

  it.each([['[1'], ['{"tags":"x"}'], ['{"tags":[1]}']])('refuses %s', async (body) => {
    registry.play(['GET /v2/a/tags/list', { status: 200, body }]);
    expect(await failureOf(listOf(registry.client.listTags('a')))).toMatchObject({ failure: 'protocol' });
  });

  it('fails for an unknown repository', async () => {
    registry.play(['GET /v2/a/tags/list', { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }]);
    expect(await failureOf(listOf(registry.client.listTags('a')))).toMatchObject({ codes: ['NAME_UNKNOWN'] });
  });
});

describe('listRepositories', () => {
  it('pages through the catalog', async () => {
    registry.play(
      ['GET /v2/_catalog?n=1', page({ repositories: ['a'] }, '?n=1&last=a')],
      ['GET /v2/_catalog?n=1&last=a', page({ repositories: ['b/c'] })],
    );
    expect(await listOf(registry.client.listRepositories({ pageSize: 1 }))).toEqual(['a', 'b/c']);
  });
});

describe('listReferrers', () => {
  const subject = digestOf(Buffer.from('subject'));
  const path = `/v2/a/referrers/${subject}`;
  const tagged = `GET /v2/a/manifests/sha256-${subject.slice(7)}`;
  const descriptor = (text: string, artifactType: string): object => ({
    mediaType: OCI_IMAGE_MANIFEST,
    digest: digestOf(Buffer.from(text)),
    size: text.length,
    artifactType,
  });
  const [sbom, signature] = [descriptor('sbom', 'a/sbom'), descriptor('signature', 'a/signature')];
  const index = (...manifests: readonly object[]): object => ({
    schemaVersion: 2,
    mediaType: OCI_IMAGE_INDEX,
    manifests,
  });

  it('follows pages', async () => {
    registry.play([`GET ${path}`, page(index(sbom), `${path}?last=x`)], [`GET ${path}?last=x`, page(index(signature))]);
    expect(await listOf(registry.client.listReferrers('a', subject))).toEqual([sbom, signature]);
  });

  it('filters by type, whether the registry does or not', async () => {
    registry.play([`GET ${path}?artifactType=a%2Fsbom`, page(index(sbom, signature))]);
    expect(await listOf(registry.client.listReferrers('a', subject, { artifactType: 'a/sbom' }))).toEqual([sbom]);
  });

  it('reads the tag where there is no referrers API', async () => {
    registry.play(
      [`GET ${path}?artifactType=a%2Fsbom`, { status: 404 }],
      [
        tagged,
        { status: 200, body: JSON.stringify(index(signature, sbom)), headers: { 'content-type': OCI_IMAGE_INDEX } },
      ],
    );
    expect(await listOf(registry.client.listReferrers('a', subject, { artifactType: 'a/sbom' }))).toEqual([sbom]);
  });

  it.each([
    ['is none', { status: 404 }],
    ['is an image', { status: 200, body: '{}', headers: { 'content-type': OCI_IMAGE_MANIFEST } }],
    ['is no manifest', { status: 200, body: 'hello' }],
  ])('is empty where there is no referrers API and the tag %s', async (_what, answer) => {
    registry.play([`GET ${path}`, { status: 404 }], [tagged, answer]);
    expect(await listOf(registry.client.listReferrers('a', subject))).toEqual([]);
  });

  it('fails where the tag cannot be read', async () => {
    registry.play([`GET ${path}`, { status: 404 }], [tagged, { status: 500 }]);
    expect(await failureOf(listOf(registry.client.listReferrers('a', subject)))).toMatchObject({ status: 500 });
  });

  it.each([['{}'], ['[]'], ['{"schemaVersion":2,"manifests":[{"digest":"sha256:x"}]}']])(
    'refuses the page %s',
    async (body) => {
      registry.play([`GET ${path}`, { status: 200, body }]);
      expect(await failureOf(listOf(registry.client.listReferrers('a', subject)))).toMatchObject({
        failure: 'protocol',
      });
    },
  );

  it('shortens a sha512 digest to a tag', () => {
    const digest = digestOf(Buffer.from('x'), 'sha512');
    expect(referrersTag(digest)).toBe(`sha512-${digest.slice(7, 71)}`);
  });
});
