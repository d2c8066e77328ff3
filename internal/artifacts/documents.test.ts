import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../pkg/oci/index.ts';
import { BY, pushBlob, pushManifest } from '../registry/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { openArtifactRig, repository, tag, type ArtifactRig } from './fixtures.suite.ts';
import type { WriteOptions } from './index.ts';

let rig: ArtifactRig;
beforeEach(async () => void (rig = await openArtifactRig()));
afterEach(() => rig.close());

const [OPS, TAG] = [repository('tools/ops'), tag('_registry')];
const NONE = digestOf(Buffer.from('none'));

const write = (text: string, options?: WriteOptions, name = TAG) => {
  const bytes = Buffer.from(JSON.stringify({ text }));
  const document = { repository: OPS, tag: name, type: 'application/vnd.example+json', title: 'registry.json', bytes };
  return rig.artifacts.writeDocument(BY, document, options);
};
const written = async (text: string, options?: WriteOptions, name = TAG) => {
  const done = await write(text, options, name);
  if (done.kind !== 'written') throw new Error(done.kind);
  return done.digest;
};
const read = async (name = TAG) => {
  const found = await rig.artifacts.readDocument(OPS, name);
  return found && { digest: found.digest, ...(JSON.parse(Buffer.from(found.bytes).toString()) as { text: string }) };
};
const isHere = async (digest: typeof NONE): Promise<boolean> =>
  (await rig.catalog.queries.findManifest(OPS, digest)) !== undefined;

describe('a document', () => {
  it('is read as it was written last', async () => {
    expect(await read()).toBeUndefined();
    await written('one');
    const digest = await written('two');
    expect(await read()).toEqual({ digest, text: 'two' });
  });

  it.each([
    ['absent', true],
    ['absent', false],
    ['old', true],
    ['old', false],
  ])('where %s is expected is written if that is so, and only then: %s', async (expected, isSo) => {
    const old = (expected === 'old') === isSo ? await written('old') : undefined;
    const done = await write('new', { expected: expected === 'absent' ? 'absent' : (old ?? NONE) });
    expect(done).toMatchObject(isSo ? { kind: 'written' } : { kind: 'unexpected', at: old });
    expect((await read())?.text).toBe(isSo ? 'new' : old && 'old');
  });

  it('that is not what was expected stays', async () => {
    const digest = await written('one');
    expect(await write('two', { expected: NONE })).toEqual({ kind: 'unexpected', at: digest });
    expect(await write('two', { expected: 'absent' })).toEqual({ kind: 'unexpected', at: digest });
    expect(await read()).toEqual({ digest, text: 'one' });
  });

  it('leaves the one before for a way back, or drops it for good', async () => {
    const [first, second] = [await written('one'), await written('two')];
    expect(await isHere(first)).toBe(true);
    await written('three', { dropsPrevious: true });
    expect([await isHere(first), await isHere(second)]).toEqual([true, false]);
    expect(await rig.catalog.queries.listDeletedManifests(OPS, { limit: 9 })).toEqual([]);
  });

  it('drops nothing that it wrote again, or that something else names', async () => {
    const first = await written('one');
    await written('one', { dropsPrevious: true });
    expect(await isHere(first)).toBe(true);
    await written('one', {}, tag('other'));
    await written('two', { dropsPrevious: true });
    expect(await read(tag('other'))).toEqual({ digest: first, text: 'one' });
  });

  it('raises no generation under a tag that does not count', async () => {
    await written('one');
    const before = await rig.artifacts.generation('tools/ops');
    await written('two', { dropsPrevious: true }, tag('_index'));
    await written('three', { dropsPrevious: true }, tag('_index'));
    expect(await rig.artifacts.generation('tools/ops')).toEqual(before);
    await written('two');
    expect((await rig.artifacts.generation('tools/ops')).generation).toBeGreaterThan(before.generation);
  });

  it('is no image of several layers, and no index', async () => {
    const samples = createSamples('documents');
    const image = samples.image({ layers: 2 });
    for (const blob of image.blobs) await pushBlob(rig, OPS, blob);
    await pushManifest(rig, OPS, image.manifest, TAG);
    expect(await rig.artifacts.readDocument(OPS, TAG)).toBeUndefined();
    await pushManifest(rig, OPS, samples.index([]), TAG);
    expect(await rig.artifacts.readDocument(OPS, TAG)).toBeUndefined();
  });
});
