import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRetention } from '../gc/index.ts';
import { BY, byDigest, byTag, pushImage, pushManifest } from '../registry/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { openArtifactRig, publish, repository, tag, type ArtifactRig } from './fixtures.suite.ts';

let rig: ArtifactRig;
beforeEach(async () => void (rig = await openArtifactRig()));
afterEach(() => rig.close());

const NAME = 'tools/ops/hello';
const HELLO = repository(NAME);
const [ONE, TWO] = [createSamples('one').image(), createSamples('two').image()];
const DAY_MS = 24 * 60 * 60 * 1000;

/** A rule that lets go of tags, of `latest` where no others are named. */
async function runRetention(more: object = {}): Promise<unknown> {
  const { catalog, registry, clock } = rig;
  const rule = { 'retention.old.tags': ['latest'], 'retention.old.keep_within': 1000, ...more };
  const config = { 'retention.interval': 0, 'gc.review_delay': 0, 'history.keep': 0, ...rule } as Parameters<
    typeof createRetention
  >[0]['config'];
  const deps = { catalog, config };
  const retention = createRetention({
    ...deps,
    guardsFor: registry.guardsFor,
    clock: () => clock.nowMs,
    newId: randomUUID,
  });
  clock.nowMs += DAY_MS;
  return retention.run({ by: BY, dryRun: false });
}

/** What may be done, by whatever way, that the tags of the namespace tell. */
const WAYS: Readonly<Record<string, () => Promise<unknown>>> = {
  'a facade creates a version': () => publish(rig, `${NAME}:2.0.0`, 'two'),
  'a facade deletes one': () => rig.artifacts.delete(BY, HELLO, tag('1.0.0')),
  'a facade deletes all': () => rig.artifacts.deleteRepository(BY, repository('tools/ops'), { below: true }),
  'an image is pushed': () => pushImage(rig, NAME, TWO, 'new'),
  'a tag is moved by a push': () => pushImage(rig, NAME, TWO, 'latest'),
  'a tag is deleted': () => rig.registry.manifests.delete(BY, HELLO, byTag('latest')),
  'a manifest is deleted with its tags': () => rig.registry.manifests.delete(BY, HELLO, byDigest(ONE.manifest.digest)),
  'a tag is rolled back': () => rig.registry.history.rollback(BY, HELLO, tag('latest'), TWO.manifest.digest),
  'what was deleted is restored': async () => {
    await rig.registry.manifests.delete(BY, HELLO, byDigest(TWO.manifest.digest));
    await rig.registry.history.restore(BY, HELLO, TWO.manifest.digest, [tag('restored')]);
  },
  'retention deletes a tag': () => runRetention(),
};

describe('the generation of a namespace', () => {
  const look = async () => {
    const { generation } = await rig.artifacts.generation('tools/ops');
    const listed = await rig.artifacts.listBelow(repository('tools/ops'), { limit: 99 });
    return { generation, told: listed.map(({ tag: name, digest, facts }) => ({ name, digest, facts })) };
  };
  beforeEach(async () => {
    await publish(rig, `${NAME}:1.0.0`, 'one');
    await pushImage(rig, NAME, TWO);
    await pushImage(rig, NAME, ONE, 'latest');
  });

  it.each(Object.keys(WAYS))('goes up where %s', async (way) => {
    const before = await look();
    await WAYS[way]?.();
    const after = await look();
    expect(after.told).not.toEqual(before.told);
    expect(after.generation).toBeGreaterThan(before.generation);
  });

  it('knows nothing of rules for what says something of the others', async () => {
    await pushImage(rig, NAME, TWO, '_package');
    await runRetention({ 'retention.old.tags': ['*'] });
    expect((await look()).told.map(({ name }) => name)).toEqual(['_package']);
  });

  it('stays where nothing that its tags tell has changed', async () => {
    const before = await look();
    await pushManifest(rig, NAME, ONE.manifest, 'latest');
    await pushImage(rig, NAME, createSamples('three').image());
    await pushImage(rig, 'tools/web/hello', TWO, '1');
    await pushImage(rig, 'others/hello', TWO, '1');
    expect(await look()).toEqual(before);
  });
});
