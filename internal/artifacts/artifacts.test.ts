import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../pkg/oci/index.ts';
import { ANY_TAG } from '../registry/index.ts';
import {
  bodyOf,
  BY,
  byDigest,
  byTag,
  pullBlob,
  pushBlob,
  pushImage,
  pushManifest,
} from '../registry/fixtures.suite.ts';
import { createSamples, describeSample, EMPTY_CONFIG, toManifest, toSample } from '../testing/images.ts';
import type { Sample } from '../testing/images.ts';
import { openArtifactRig, publish, repository, tag, type ArtifactRig } from './fixtures.suite.ts';

let rig: ArtifactRig;
beforeEach(async () => void (rig = await openArtifactRig()));
afterEach(() => rig.close());

const OPS = 'tools/ops/hello';
const SAMPLES = createSamples('artifacts');

const generation = async (key = 'tools/ops'): Promise<number> => (await rig.artifacts.generation(key)).generation;
const find = (name: string, version: string) => rig.artifacts.find(repository(name), tag(version));
const tagsOf = async (name: string) =>
  (await rig.artifacts.list(repository(name), { limit: 100 })).map((each) => each.tag);
const isHere = async (name: string, digest: Sample['digest']): Promise<boolean> =>
  (await rig.catalog.queries.findManifest(repository(name), digest)) !== undefined;

/** An image manifest of one file, as somebody pushes it to `/v2`. */
function fileManifest(text: string, more: object = {}): { readonly manifest: Sample; readonly file: Sample } {
  const file = toSample(text);
  const manifest = toManifest('application/vnd.oci.image.manifest.v1+json', {
    config: describeSample(EMPTY_CONFIG),
    layers: [describeSample(file)],
    ...more,
  });
  return { manifest, file };
}

async function pushFile(name: string, text: string, ...tags: readonly string[]): Promise<Sample> {
  const { manifest, file } = fileManifest(text);
  for (const blob of [file, EMPTY_CONFIG]) await pushBlob(rig, name, blob);
  await pushManifest(rig, name, manifest, ...tags);
  return manifest;
}

describe('an artifact', () => {
  it('that is created is pushed: its manifest, its tag, its files', async () => {
    const { digest } = await publish(rig, `${OPS}:1.0.0`, 'hello');
    const stored = await rig.registry.manifests.get(repository(OPS), byTag('1.0.0'));
    expect(stored.digest).toBe(digest);
    const layer = digestOf(Buffer.from('hello'));
    expect(JSON.parse(Buffer.from(stored.bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.example.tool',
      config: describeSample(EMPTY_CONFIG),
      layers: [
        {
          mediaType: 'text/plain',
          digest: layer,
          size: 5,
          annotations: { 'org.opencontainers.image.title': 'tool.txt' },
        },
      ],
      annotations: { 'org.opencontainers.image.version': '1.0.0' },
    });
    expect(await pullBlob(rig, OPS, layer)).toEqual(Buffer.from('hello'));
    expect(await find(OPS, '1.0.0')).toMatchObject({ digest, facts: { start: 'hell', sizeBytes: 5 } });
  });

  it('that is pushed is found, with what its door says of it', async () => {
    const { digest } = await pushFile(OPS, 'pushed', '1.1.0');
    expect(await find(OPS, '1.1.0')).toMatchObject({ digest, facts: { start: 'push', sizeBytes: 6 } });
    expect(await find(OPS, '9.9.9')).toBeUndefined();
    expect(await find('tools/none', '1.0.0')).toBeUndefined();
  });

  it('is made of a blob of any length that was uploaded before, or of none', async () => {
    const empty = await rig.artifacts.upload(BY, repository(OPS), bodyOf(''));
    expect(empty).toEqual({ digest: digestOf(Buffer.from('')), sizeBytes: 0 });
    const long = Buffer.alloc(300_000, 'x');
    const uploaded = await rig.artifacts.upload(BY, repository(OPS), bodyOf(long), digestOf(long));
    expect(uploaded).toEqual({ digest: digestOf(long), sizeBytes: long.length });
    const files = [empty, uploaded].map((content, index) => ({ mediaType: 'a/b', title: `${index}`, content }));
    const made = { repository: repository(OPS), tag: tag('2.0.0'), artifactType: 'a/b', files, annotations: {} };
    expect((await rig.artifacts.create(BY, made)).kind).toBe('created');
  });

  it('is not uploaded under the digest of something else', async () => {
    const wrong = rig.artifacts.upload(BY, repository(OPS), bodyOf('one'), digestOf(Buffer.from('two')));
    await expect(wrong).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
    await expect(pullBlob(rig, OPS, digestOf(Buffer.from('one')))).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });

  it('is created once, identical or not; whoever is second learns what is there', async () => {
    const { digest } = await publish(rig, `${OPS}:1.0.0`, 'hello');
    const before = await generation();
    for (const text of ['hello', 'other']) {
      expect(await publish(rig, `${OPS}:1.0.0`, text)).toEqual({ kind: 'exists', digest });
    }
    expect(await generation()).toBe(before);
    expect(await find(OPS, '1.0.0')).toMatchObject({ digest });
  });

  it('that is refused by its door leaves nothing behind, by either way', async () => {
    await expect(publish(rig, `${OPS}:1.0.0`, 'evil')).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    await expect(pushFile(OPS, 'evil too', '1.0.0')).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    expect(await tagsOf(OPS)).toEqual([]);
    expect(await generation()).toBe(0);
  });

  it('keeps the tag that its door fixes, through whatever door the next push comes', async () => {
    await pushFile(OPS, 'first', '1.0.0', 'latest');
    await expect(pushFile(OPS, 'second', '1.0.0')).rejects.toMatchObject({ code: 'TAG_IMMUTABLE' });
    await pushFile(OPS, 'first', '1.0.0');
    const second = await pushFile(OPS, 'second', 'latest');
    expect(await find(OPS, 'latest')).toMatchObject({ digest: second.digest });
  });

  it('is not read as another media type once a tag names it', async () => {
    const { file } = fileManifest('plain');
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, config: describeSample(EMPTY_CONFIG), layers: [describeSample(file)] }),
    );
    for (const blob of [file, EMPTY_CONFIG]) await pushBlob(rig, OPS, blob);
    const push = { reference: byTag('latest'), tags: [], contentType: undefined, bytes, grant: ANY_TAG };
    const { digest } = await rig.registry.manifests.put(BY, repository(OPS), push);
    const disguised = { ...push, reference: byDigest(digest), contentType: 'application/vnd.example.other+json' };
    await expect(rig.registry.manifests.put(BY, repository(OPS), disguised)).rejects.toMatchObject({
      code: 'TAG_IMMUTABLE',
    });
  });
});

describe('lists of artifacts', () => {
  beforeEach(async () => {
    for (const name of [
      'tools/ops/b:1',
      'tools/ops/a:2',
      'tools/ops/a:1',
      'tools/ops/a/deep:1',
      'tools/ops:1',
      'tools/ops-x/a:1',
      'tools/web/a:1',
    ]) {
      await publish(rig, name, name);
    }
    await pushImage(rig, 'others/app', SAMPLES.image(), '1');
  });

  it('go by tag in a repository, page by page', async () => {
    const page = await rig.artifacts.list(repository('tools/ops/a'), { limit: 1 });
    expect(page.map((each) => each.tag)).toEqual(['1']);
    const next = await rig.artifacts.list(repository('tools/ops/a'), { limit: 5, after: tag('1') });
    expect(next.map((each) => each.tag)).toEqual(['2']);
    expect(next[0]?.id).toBeLessThan(page[0]?.id ?? 0); // it was there before
    expect(next[0]?.repositoryId).toBe(page[0]?.repositoryId);
  });

  it.each([1, 2, 3, 100])('go by repository and tag in a namespace, page by page of %i', async (limit) => {
    const seen: string[] = [];
    for (let after: Parameters<typeof rig.artifacts.listBelow>[1]['after']; ;) {
      const page = await rig.artifacts.listBelow(repository('tools/ops'), { limit, after });
      expect(page.length).toBeLessThanOrEqual(limit);
      seen.push(...page.map((each) => `${each.repository}:${each.tag}`));
      after = page.at(-1);
      if (page.length < limit) break;
    }
    expect(seen).toEqual(['tools/ops:1', 'tools/ops/a:1', 'tools/ops/a:2', 'tools/ops/a/deep:1', 'tools/ops/b:1']);
  });

  it('name repositories below, those that are asked for, and no neighbours', async () => {
    const names = async (limit: number, after?: string, matches?: (rest: string) => boolean) =>
      (
        await rig.artifacts.repositories(repository('tools/ops'), {
          limit,
          after: after === undefined ? undefined : repository(after),
          matches,
        })
      ).map(({ name }) => name);
    expect(await names(10)).toEqual(['tools/ops/a', 'tools/ops/a/deep', 'tools/ops/b']);
    expect(await names(1, 'tools/ops/a')).toEqual(['tools/ops/a/deep']);
    expect(await names(10, undefined, (rest) => rest.includes('e'))).toEqual(['tools/ops/a/deep']);
    expect(await names(2, undefined, (rest) => !rest.includes('/'))).toEqual(['tools/ops/a', 'tools/ops/b']);
  });

  it('leave out repositories whose last tag is gone, or of which the door says nothing', async () => {
    await rig.artifacts.delete(BY, repository('tools/web/a'), tag('1'));
    const index = SAMPLES.index([]);
    await pushManifest(rig, 'tools/index/a', index, '1');
    const names = await rig.artifacts.repositories(repository('tools'), { limit: 99 });
    expect(names.filter(({ name }) => /^tools\/(?:web|index)/.test(name))).toEqual([]);
    expect(await rig.artifacts.list(repository('tools/index/a'), { limit: 9 })).toMatchObject([{ facts: undefined }]);
  });
});

describe('deleting an artifact', () => {
  it('takes its manifest along, and lets the tag be made again', async () => {
    const { digest } = await publish(rig, `${OPS}:1.0.0`, 'hello');
    const { id } = (await find(OPS, '1.0.0')) ?? {};
    expect(await rig.artifacts.delete(BY, repository(OPS), tag('1.0.0'))).toBe(true);
    expect(await rig.artifacts.delete(BY, repository(OPS), tag('1.0.0'))).toBe(false);
    expect(await isHere(OPS, digest)).toBe(false);
    expect((await publish(rig, `${OPS}:1.0.0`, 'hello')).kind).toBe('created');
    expect((await find(OPS, '1.0.0'))?.id).toBeGreaterThan(id ?? 0);
  });

  it('leaves the manifest to another tag, and to an index', async () => {
    const shared = await pushFile(OPS, 'shared', '1', '1.0');
    await rig.artifacts.delete(BY, repository(OPS), tag('1'));
    expect(await find(OPS, '1.0')).toMatchObject({ digest: shared.digest });
    const part = await pushFile(OPS, 'part', '2');
    await pushManifest(rig, OPS, SAMPLES.index([part]), 'index');
    await rig.artifacts.delete(BY, repository(OPS), tag('2'));
    expect(await isHere(OPS, part.digest)).toBe(true);
  });

  it('takes a namespace whole, with indexes and what they name, and no neighbour', async () => {
    const part = await pushFile(OPS, 'part');
    const index = SAMPLES.index([part]);
    await pushManifest(rig, OPS, index, 'index');
    for (const name of ['tools/ops:1', 'tools/ops/other:1.0.0', 'tools/ops-x/a:1']) await publish(rig, name, name);
    expect(await rig.artifacts.deleteRepository(BY, repository('tools/ops'), { below: true })).toBe(3);
    expect(await rig.artifacts.listBelow(repository('tools/ops'), { limit: 9 })).toEqual([]);
    expect(await rig.catalog.queries.listManifests(repository(OPS), { limit: 9 })).toEqual([]);
    const left = await rig.artifacts.repositories(repository('tools'), { limit: 99 });
    expect(left.map(({ name }) => name)).toEqual(['tools/ops-x/a']);
  });

  it('of a repository leaves what is below it', async () => {
    for (const name of ['tools/ops:1', `${OPS}:1.0.0`]) await publish(rig, name, name);
    expect(await rig.artifacts.deleteRepository(BY, repository('tools/ops'))).toBe(1);
    expect(await tagsOf(OPS)).toEqual(['1.0.0']);
  });
});

describe('deletes', () => {
  it('are refused where they are switched off', async () => {
    const closed = await openArtifactRig({ config: { 'registry.delete': false } });
    await publish(closed, `${OPS}:1.0.0`, 'hello');
    const refused = { code: 'DELETE_DISABLED' };
    await expect(closed.artifacts.delete(BY, repository(OPS), tag('1.0.0'))).rejects.toMatchObject(refused);
    await expect(closed.artifacts.deleteRepository(BY, repository(OPS))).rejects.toMatchObject(refused);
    await closed.close();
  });

  it('take nothing where one of the tags is protected', async () => {
    const guarded = await openArtifactRig({ config: { 'registry.protected_tags': ['tools/ops/b:1*'] } });
    for (const name of ['tools/ops/a:1.0.0', 'tools/ops/b:1.0.0']) await publish(guarded, name, name);
    const refused = { code: 'TAG_PROTECTED', detail: ['1.0.0'] };
    const all = guarded.artifacts.deleteRepository(BY, repository('tools/ops'), { below: true });
    await expect(all).rejects.toMatchObject(refused);
    await expect(guarded.artifacts.delete(BY, repository('tools/ops/b'), tag('1.0.0'))).rejects.toMatchObject(refused);
    expect(await guarded.artifacts.listBelow(repository('tools/ops'), { limit: 9 })).toHaveLength(2);
    await guarded.close();
  });
});
