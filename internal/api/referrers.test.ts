import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST, parseRepositoryName } from '../../pkg/oci/index.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { ANY_TAG } from '../registry/index.ts';
import { useServer } from '../server/fixtures.suite.ts';
import { createSamples, describeSample, EMPTY_CONFIG, toManifest, type Sample } from '../testing/images.ts';
import { createPusher, type Pusher } from '../testing/push.ts';
import { nextPage, putManifest } from './client.suite.ts';

const samples = createSamples('referrers');
const SUBJECT = samples.image();
const LIST = `/v2/a/referrers/${SUBJECT.manifest.digest}`;
const BY = { principal: 'anonymous', address: '', requestId: '' };

interface Listed {
  readonly digest: string;
  readonly artifactType?: string;
}

const entriesOf = (answer: request.Response): readonly Listed[] => (answer.body as { manifests: Listed[] }).manifests;
const digestsOf = (answer: request.Response): readonly string[] => entriesOf(answer).map(({ digest }) => digest);

/** A manifest of no layers that refers to the subject. */
const referrer = (fields: object = {}): Sample =>
  toManifest(OCI_IMAGE_MANIFEST, {
    config: describeSample(EMPTY_CONFIG),
    layers: [],
    subject: describeSample(SUBJECT.manifest),
    ...fields,
  });

describe('the referrers of a manifest', () => {
  const server = useServer();
  let push: Pusher;
  beforeEach(async () => {
    push = createPusher(server.url);
    await push.blob('a', EMPTY_CONFIG);
  });
  const list = (query = '') => request(server.url).get(`${LIST}${query}`);

  it('are an empty index where there are none: for any digest, and in any repository', async () => {
    const empty = `{"schemaVersion":2,"mediaType":"${OCI_IMAGE_INDEX}","manifests":[]}`;
    for (const path of [LIST, LIST.replace('/a/', '/nobody/'), `/v2/a/referrers/sha512:${'0'.repeat(128)}`]) {
      const answer = await request(server.url).get(path).expect(200);
      expect(answer.text).toBe(empty);
      expect(answer.headers['content-type']).toBe(OCI_IMAGE_INDEX);
      expect(answer.headers['link']).toBeUndefined();
    }
  });

  it('are described as the specification says', async () => {
    const annotations = { 'org.example.k': 'v', empty: '' };
    const plain = referrer({ layers: [describeSample(EMPTY_CONFIG)] });
    const typed = referrer({ artifactType: 'application/vnd.example.sbom', annotations });
    const index = toManifest(OCI_IMAGE_INDEX, {
      manifests: [],
      subject: describeSample(SUBJECT.manifest),
      artifactType: 'application/vnd.example.index',
    });
    const bare = toManifest(OCI_IMAGE_INDEX, { manifests: [], subject: describeSample(SUBJECT.manifest) });
    for (const each of [plain, typed, index, bare]) await push.manifest('a', each);
    const expected = [
      { ...describeSample(plain), artifactType: EMPTY_CONFIG.mediaType },
      { ...describeSample(typed), artifactType: 'application/vnd.example.sbom', annotations },
      { ...describeSample(index), artifactType: 'application/vnd.example.index' },
      describeSample(bare),
    ] as { digest: string }[];
    const byDigest = (a: { digest: string }, b: { digest: string }): number => (a.digest < b.digest ? -1 : 1);
    expect(entriesOf(await list().expect(200))).toEqual(expected.toSorted(byDigest));
  });

  it('are listed once each, whatever tags they have and however often they are pushed', async () => {
    const each = referrer();
    await push.manifest('a', each, 'one', 'two');
    await push.manifest('a', each, 'three');
    await push.manifest('a', each);
    expect(digestsOf(await list())).toEqual([each.digest]);
  });

  it('are not doubled by the tag with which old clients list them', async () => {
    const each = referrer();
    await push.manifest('a', each);
    const fallback = samples.index([each]);
    await push.manifest('a', fallback, SUBJECT.manifest.digest.replace(':', '-'));
    expect(digestsOf(await list())).toEqual([each.digest]);
    const kept = await request(server.url)
      .get(`/v2/a/manifests/${SUBJECT.manifest.digest.replace(':', '-')}`)
      .expect(200);
    expect(kept.headers['docker-content-digest']).toBe(fallback.digest);
  });

  it('belong to their repository', async () => {
    await push.blob('b', EMPTY_CONFIG);
    const [here, there] = [referrer({ annotations: { at: 'a' } }), referrer({ annotations: { at: 'b' } })];
    await push.manifest('a', here);
    await push.manifest('b', there);
    expect(digestsOf(await list())).toEqual([here.digest]);
    expect(digestsOf(await request(server.url).get(LIST.replace('/a/', '/b/')))).toEqual([there.digest]);
  });

  it('outlive their subject, and go when they are deleted', async () => {
    const each = referrer();
    await push.image('a', SUBJECT);
    await push.manifest('a', each, 'sbom');
    await request(server.url).delete(`/v2/a/manifests/${SUBJECT.manifest.digest}`).expect(202);
    expect(digestsOf(await list())).toEqual([each.digest]);
    await request(server.url).delete('/v2/a/manifests/sbom').expect(202);
    expect(digestsOf(await list())).toEqual([each.digest]);
    await request(server.url).delete(`/v2/a/manifests/${each.digest}`).expect(202);
    expect(digestsOf(await list())).toEqual([]);
  });

  it('say which subject was seen when they are pushed, and only then', async () => {
    const put = await putManifest(server, 'a', 'sbom', referrer()).expect(201);
    expect(put.headers['oci-subject']).toBe(SUBJECT.manifest.digest);
    const other = await putManifest(server, 'a', 'index', samples.index([])).expect(201);
    expect(other.headers['oci-subject']).toBeUndefined();
  });

  it('are filtered by the very type', async () => {
    const [sbom, signature] = ['sbom', 'signature'].map((kind) =>
      referrer({ artifactType: `application/vnd.${kind}` }),
    ) as [Sample, Sample];
    for (const each of [sbom, signature]) await push.manifest('a', each);
    expect(digestsOf(await list('?artifactType=application/vnd.sbom'))).toEqual([sbom.digest]);
    for (const type of [
      'application',
      'application/vnd.sbo',
      'application/vnd.sbom ',
      'application/vnd.SBOM',
      '*',
      '%',
      '_',
    ]) {
      expect([type, entriesOf(await list(`?artifactType=${encodeURIComponent(type)}`))]).toEqual([type, []]);
    }
    const unfiltered = await list('?artifactType=');
    expect(entriesOf(unfiltered)).toHaveLength(2);
    expect(unfiltered.headers['oci-filters-applied']).toBeUndefined();
  });

  it.each([
    '%00',
    '%0d%0aX-Injected:%201',
    '%22%3E%3Cscript%3E',
    "'%20or%201=1--",
    '%ff%fe',
    '%E2%80%AE',
    '%',
    'x'.repeat(8000),
  ])('bear a filter of odd bytes: %.40s', async (type) => {
    await push.manifest('a', referrer());
    const answer = await list(`?artifactType=${type}&n=1`).expect(200);
    expect(entriesOf(answer)).toEqual([]);
    expect(answer.headers).not.toHaveProperty('x-injected');
    expect(answer.headers['oci-filters-applied']).toBe('artifactType');
  });

  it('come in pages that keep number and filter, each once, to the end', async () => {
    const type = 'application/vnd.example.a+b; "q"';
    const all: string[] = [];
    for (let count = 0; count < 25; count += 1) {
      const each = referrer({ annotations: { count: String(count) }, artifactType: type });
      await push.manifest('a', each);
      await push.manifest('a', referrer({ annotations: { count: String(count) } }));
      all.push(each.digest);
    }
    const found: string[] = [];
    for (let next: string | undefined = `${LIST}?n=4&artifactType=${encodeURIComponent(type)}`; next !== undefined;) {
      const page: request.Response = await request(server.url).get(next).expect(200);
      expect(page.headers['oci-filters-applied']).toBe('artifactType');
      expect(digestsOf(page).length).toBeLessThanOrEqual(4);
      found.push(...digestsOf(page));
      next = nextPage(page);
    }
    expect(found).toEqual(all.toSorted());
  });

  it('are thousands in pages of at most 4 MiB', async () => {
    const { manifests } = server.built.registry;
    const all: string[] = [];
    for (let count = 0; count < 2000; count += 1) {
      const { digest, bytes, mediaType } = referrer({ annotations: { count: String(count), long: 'x'.repeat(5000) } });
      const reference = { kind: 'digest', digest } as const;
      await manifests.put(BY, parseRepositoryName('a'), {
        reference,
        tags: [],
        contentType: mediaType,
        bytes,
        grant: ANY_TAG,
      });
      all.push(digest);
    }
    const sizes: number[] = [];
    const found: string[] = [];
    for (let next: string | undefined = LIST; next !== undefined;) {
      const page: request.Response = await request(server.url).get(next).expect(200);
      sizes.push(Number(page.headers['content-length']));
      found.push(...digestsOf(page));
      next = nextPage(page);
    }
    expect(found).toEqual(all.toSorted());
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(sizes).toHaveLength(3);
  });

  it('refuse an n that is none, and give none for 0', async () => {
    await push.manifest('a', referrer());
    expect(refusalOf(await list('?n=-1'))).toBe('400 UNSUPPORTED');
    const none = await list('?n=0').expect(200);
    expect(entriesOf(none)).toEqual([]);
    expect(none.headers['link']).toBeUndefined();
  });
});
