import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pushBlob, pushImage, pushManifest, replaceContent } from '../registry/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { openArtifactRig, publish, repository, tag, type ArtifactRig } from './fixtures.suite.ts';

let rig: ArtifactRig;
beforeEach(async () => void (rig = await openArtifactRig()));
afterEach(() => rig.close());

const OPS = repository('tools/ops/hello');
const factsOf = async (name: string): Promise<unknown> => (await rig.artifacts.find(OPS, tag(name)))?.facts;
const samples = createSamples('facts');

describe('facts', () => {
  it('are told once, when something is pushed, and no more when it is read', async () => {
    for (const version of ['1', '2', '3']) await publish(rig, `${OPS}:${version}`, `text ${version}`);
    expect(rig.door.asked).toHaveLength(3);
    expect(await rig.artifacts.list(OPS, { limit: 9 })).toMatchObject(
      ['1', '2', '3'].map((version) => ({ tag: version, facts: { start: 'text', sizeBytes: 6 } })),
    );
    expect(rig.door.asked).toHaveLength(3);
  });

  it('of what came before its door are told when they are asked for, once', async () => {
    rig.door.isOpen = false;
    const image = samples.image();
    await pushImage(rig, OPS, image, 'old', 'same');
    expect(await factsOf('old')).toBeUndefined();
    rig.door.isOpen = true;
    const names = await rig.artifacts.repositories(repository('tools'), { limit: 9 });
    expect(names.map(({ name }) => name)).toEqual([OPS]);
    expect(await factsOf('old')).toMatchObject({ sizeBytes: 100 });
    expect(await factsOf('same')).toMatchObject({ sizeBytes: 100 });
    expect(rig.door.asked).toHaveLength(1);
  });

  it('that an earlier door told are told anew', async () => {
    await publish(rig, `${OPS}:1`, 'text');
    rig.door.factsVersion = 2;
    expect(await factsOf('1')).toEqual({ start: 'text', sizeBytes: 4 });
    expect(rig.door.asked).toHaveLength(2);
    await factsOf('1');
    expect(rig.door.asked).toHaveLength(2);
  });

  it('are none of what a door would refuse now', async () => {
    rig.door.isOpen = false;
    await publish(rig, `${OPS}:1`, 'evil was here');
    rig.door.isOpen = true;
    for (let times = 0; times < 2; times += 1) expect(await factsOf('1')).toBeUndefined();
    expect(rig.door.asked).toHaveLength(1);
  });

  it('are told again where content was lost meanwhile, once that is mended', async () => {
    rig.door.isOpen = false;
    const image = samples.image();
    await pushImage(rig, OPS, image, '1');
    const [, layer] = image.blobs;
    await replaceContent(rig, layer!.digest, undefined);
    rig.door.isOpen = true;
    expect(await factsOf('1')).toBeUndefined();
    await pushBlob(rig, OPS, layer!);
    expect(await factsOf('1')).toMatchObject({ sizeBytes: 100 });
  });

  it('that are told late raise the generation, once', async () => {
    rig.door.isOpen = false;
    await pushImage(rig, OPS, samples.image(), '1');
    rig.door.isOpen = true;
    const generation = async () => (await rig.artifacts.generation('tools/ops')).generation;
    expect(await generation()).toBe(0);
    await factsOf('1');
    const told = await generation();
    expect(told).toBeGreaterThan(0);
    await factsOf('1');
    expect(await generation()).toBe(told);
  });

  it('are kept by a push beside which no door stands', async () => {
    const image = samples.image();
    await pushImage(rig, OPS, image, '1');
    const told = await factsOf('1');
    rig.door.isOpen = false;
    await pushManifest(rig, OPS, image.manifest, '1.0');
    rig.door.isOpen = true;
    expect(await factsOf('1.0')).toEqual(told);
    expect(rig.door.asked).toHaveLength(1);
  });

  it('are not for doors to blobs that the repository does not hold', async () => {
    await publish(rig, 'others/secret:1', 'secret');
    const digest = (await rig.artifacts.find(repository('others/secret'), tag('1')))?.digest;
    await publish(rig, `${OPS}:1`, 'text');
    const [push] = rig.door.asked;
    const read = push!.readBlob(digest!)[Symbol.asyncIterator]().next();
    await expect(read).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });
});
