import { describe, expect, it } from '@jest/globals';
import { createSamples } from '../testing/images.ts';
import { byTag, pushImage, repository, useRig } from './fixtures.suite.ts';

const NAME = repository('team/app');

describe('pulls', () => {
  const rig = useRig();
  const image = createSamples('pulls').image();
  const pulledMs = async (): Promise<number | undefined> =>
    (await rig.catalog.queries.listManifestTimes(NAME, { limit: 9 }))[0]?.pulledMs;

  it('are noted when they are flushed, the first of an hour, and looks are not', async () => {
    await pushImage(rig, 'team/app', image, 'main');
    await rig.registry.manifests.stat(NAME, byTag('main'));
    await rig.registry.chores.flushPulls();
    expect(await pulledMs()).toBeUndefined();
    const firstMs = rig.clock.nowMs;
    await rig.registry.manifests.get(NAME, byTag('main'));
    expect(await pulledMs()).toBeUndefined();
    await rig.registry.chores.flushPulls();
    expect(await pulledMs()).toBe(firstMs);
    for (const [minutes, expected] of [
      [59, firstMs],
      [1, firstMs + 3_600_000],
    ] as const) {
      rig.clock.nowMs += minutes * 60_000;
      await rig.registry.manifests.get(NAME, byTag('main'));
      await rig.registry.chores.flushPulls();
      expect(await pulledMs()).toBe(expected);
    }
  });
});
