import { beforeEach, describe, expect, it } from '@jest/globals';
import { BY, byTag, pushImage, repository, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { createSamples } from '../../internal/testing/images.ts';
import { useWorkshop } from './fixtures.suite.ts';

const samples = createSamples('retention commands');
const IMAGES = ['1.0.0', '1.1.0', '1.2.0'].map((tag) => ({ tag, image: samples.image() }));
const NAME = repository('team/app');
const bytesOf = ({ image }: (typeof IMAGES)[number]): number =>
  [image.manifest, ...image.blobs].reduce((sum, { size }) => sum + size, 0);

describe('octoserve retention', () => {
  const workshop = useWorkshop(async ({ registry }) => {
    for (const { image, tag } of IMAGES) await pushImage({ registry } as Rig, NAME, image, tag);
  });
  beforeEach(() => workshop.fill());
  const rule = ['--retention.old.repositories=team/**', '--retention.old.keep_versions=1'];
  const sizeOnDisk = async (): Promise<number> => {
    let bytes = 0;
    await workshop.live(async (_, { catalog }) => {
      bytes = (await catalog.queries.totals()).blobBytes;
    });
    return bytes;
  };

  it('plan lists what would go and why, and changes nothing', async () => {
    const before = await sizeOnDisk();
    const { exitCode, lines } = await workshop.lines('retention', 'plan', ...rule);
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(3);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'manifest', tags: ['1.0.0'], reason: 'old: not among the 1 highest releases' }),
      ]),
    );
    expect(lines.at(-1)).toMatchObject({ dryRun: true, tags: 2, manifests: 2 });
    expect(await sizeOnDisk()).toBe(before);
    const { stdout } = await workshop.run('retention', 'plan', ...rule);
    expect(stdout).toContain('2 tags and 2 manifests would go.');
  });

  it('run does what was planned, and a collection frees the bytes that were announced', async () => {
    const announced = (await workshop.lines('retention', 'plan', ...rule)).lines.at(-1) as { bytes: number };
    expect(announced.bytes).toBe(bytesOf(IMAGES[0]!) + bytesOf(IMAGES[1]!));
    const before = await sizeOnDisk();
    const ran = (await workshop.lines('retention', 'run', ...rule)).lines.at(-1);
    expect(ran).toMatchObject({ dryRun: false, tags: 2, manifests: 2, bytes: announced.bytes });
    expect((await workshop.run('gc', '--grace', '0')).exitCode).toBe(0);
    expect(before - (await sizeOnDisk())).toBe(announced.bytes);
    await workshop.live(async ({ registry }) => {
      expect((await registry.lists.tags(NAME, {})).rows).toEqual(['1.2.0']);
      await registry.manifests.get(NAME, byTag('1.2.0'));
    });
  });

  it('run leaves protected tags alone, and what lost its tag can be brought back', async () => {
    const kept = '--registry.protected_tags=1.0.*';
    expect((await workshop.run('retention', 'run', ...rule, kept)).exitCode).toBe(0);
    await workshop.live(async ({ registry }) => {
      expect((await registry.lists.tags(NAME, {})).rows).toEqual(['1.0.0', '1.2.0']);
      const [gone] = (await registry.history.deleted(NAME, { limit: 9 })).rows;
      await registry.history.restore(BY, NAME, gone!.digest);
    });
  });

  it('says that there is no rule', async () => {
    const { exitCode, stderr } = await workshop.run('retention', 'plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('There is no retention rule');
  });
});

describe('octoserve du', () => {
  const workshop = useWorkshop(async ({ registry }) => {
    for (const { image, tag } of IMAGES) await pushImage({ registry } as Rig, NAME, image, tag);
  });
  beforeEach(() => workshop.fill());

  it('tells what keeps the bytes of each repository, and of all', async () => {
    const live = IMAGES.reduce((sum, each) => sum + bytesOf(each), 0);
    const kept = { live, shared: 0, waiting: 0, uploads: 0 };
    expect((await workshop.lines('du', '--scan')).lines).toEqual([
      { repository: NAME, ...kept },
      { total: { ...kept, unknown: 0 } },
    ]);
    expect((await workshop.run('du')).stdout).toMatch(
      /live +shared +waiting +uploads +repository\n +\d+ .* team\/app\n/,
    );
  });
});
