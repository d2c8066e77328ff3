import { afterEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseTag, type Digest, type RepositoryName } from '../../pkg/oci/index.ts';
import type { Driver } from '../storage/driver.ts';
import { createSamples, type SampleImage } from '../testing/images.ts';
import {
  BY,
  byDigest,
  byTag,
  openRig,
  pushBlob,
  pushImage,
  pushManifest,
  repository,
  type Rig,
} from './fixtures.suite.ts';
import { drainRecords, RECORDS_CURSOR } from './records.ts';

const REPOSITORIES = ['a', 'a/b', 'a_b'];
const TAGS = ['latest', 'V1', 'v1', '1.0'];
const samples = createSamples('records');
const IMAGES: readonly SampleImage[] = Array.from({ length: 3 }, () => samples.image({ layers: 1 }));

type Step = Readonly<{
  act: 'push' | 'delete tag' | 'delete manifest' | 'follow' | 'crash';
  repository: number;
  image: number;
  tags: readonly number[];
}>;

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom('push', 'push', 'push', 'delete tag', 'delete manifest', 'follow', 'crash'),
    repository: fc.nat(REPOSITORIES.length - 1),
    image: fc.nat(IMAGES.length - 1),
    tags: fc.uniqueArray(fc.nat(TAGS.length - 1), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 20, maxLength: 40 },
);

/** What must be recorded: name to digest, in each repository. */
type Names = Map<string, Map<string, Digest>>;

/** A driver whose writes of records fail from the `after`-th on, while it is told to. */
function crashing(driver: Driver, crash: { after: number | undefined }): Driver {
  const check = (key: string): void => {
    if (crash.after === undefined || !key.startsWith('manifests/')) return;
    if (crash.after === 0) throw new Error('killed');
    crash.after -= 1;
  };
  return {
    ...driver,
    objects: {
      ...driver.objects,
      put: async (key, bytes) => (check(key), driver.objects.put(key, bytes)),
      remove: async (key) => (check(key), driver.objects.remove(key)),
    },
  };
}

async function act(rig: Rig, names: Names, crash: { after: number | undefined }, step: Step): Promise<void> {
  const name = REPOSITORIES[step.repository]!;
  const { manifest } = IMAGES[step.image]!;
  const known = names.get(name) ?? new Map<string, Digest>();
  names.set(name, known);
  const tags = step.tags.map((tag) => TAGS[tag]!);
  switch (step.act) {
    case 'push':
      await pushManifest(rig, name, manifest, ...tags);
      for (const each of [manifest.digest, ...tags]) known.set(each, manifest.digest);
      return;
    case 'delete tag':
      await rig.registry.manifests.delete(BY, repository(name), byTag(tags[0]!)).catch(() => undefined);
      known.delete(tags[0]!);
      return;
    case 'delete manifest':
      await rig.registry.manifests.delete(BY, repository(name), byDigest(manifest.digest)).catch(() => undefined);
      for (const [each, digest] of known) if (digest === manifest.digest) known.delete(each);
      return;
    case 'follow':
      return rig.registry.chores.followChanges();
    case 'crash':
      crash.after = step.image;
      await rig.registry.chores.followChanges().catch(() => undefined);
      crash.after = undefined;
  }
}

async function recorded({ storage }: Rig): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const record of storage.manifests.walk())
    lines.push(`${record.repository} ${record.name} ${record.digest}`);
  return lines.sort();
}

const expected = (names: Names): readonly string[] =>
  [...names].flatMap(([name, known]) => [...known].map(([each, digest]) => `${name} ${each} ${digest}`)).sort();

describe('records', () => {
  it.each([1, 2, 3])('equal the catalog after any sequence of changes and crashes (seed %d)', async (seed) => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const crash: { after: number | undefined } = { after: undefined };
        const rig = await openRig({ wrapDriver: (driver) => crashing(driver, crash) });
        try {
          for (const name of REPOSITORIES) {
            for (const blob of IMAGES.flatMap(({ blobs }) => blobs)) await pushBlob(rig, name, blob);
          }
          const names: Names = new Map();
          for (const step of sequence) await act(rig, names, crash, step);
          await rig.registry.chores.followChanges();
          expect(await recorded(rig)).toEqual(expected(names));
        } finally {
          await rig.close();
        }
      }),
      { seed, numRuns: 8 },
    );
  });
});

describe('drainRecords', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const image = samples.image();
  const NAME: RepositoryName = repository('team/app');

  it('writes what a name points at with the number, time and size that the catalog knows', async () => {
    rig = await openRig();
    await pushImage(rig, NAME, image, '1.0');
    await rig.registry.chores.followChanges();
    const { digest, mediaType, size } = image.manifest;
    const record = { repository: NAME, digest, mediaType, sizeBytes: size, timeMs: rig.clock.nowMs };
    const tag = byTag('1.0');
    if (tag.kind !== 'tag') throw new Error('not a tag');
    expect(await rig.storage.manifests.get(NAME, digest)).toMatchObject({ ...record, name: digest });
    expect(await rig.storage.manifests.get(NAME, tag.tag)).toMatchObject({ ...record, name: '1.0' });
    const changes = await rig.catalog.queries.listChanges({ limit: 100 });
    expect(await rig.catalog.queries.findCursor(RECORDS_CURSOR)).toBe(changes.at(-1)?.sequence);
  });

  it('writes a name once, however often it moved meanwhile', async () => {
    const written: string[] = [];
    rig = await openRig({
      wrapDriver: (driver) => ({
        ...driver,
        objects: {
          ...driver.objects,
          put: async (key, bytes) => {
            if (key.startsWith('manifests/')) written.push(key);
            return driver.objects.put(key, bytes);
          },
        },
      }),
    });
    const others = [samples.image(), samples.image()];
    for (const each of [image, ...others, image, ...others]) await pushImage(rig, NAME, each, 'latest');
    await rig.registry.chores.followChanges();
    expect(written.filter((key) => key.endsWith('/latest'))).toHaveLength(1);
    expect(written).toHaveLength(4);
  });

  it('has nothing to do when it comes again', async () => {
    rig = await openRig();
    await pushImage(rig, NAME, image, '1.0');
    await rig.registry.chores.followChanges();
    expect(await drainRecords({ catalog: rig.catalog, manifests: rig.storage.manifests })).toBe(0);
  });

  it('follows more changes than one batch holds', async () => {
    rig = await openRig();
    await pushImage(rig, NAME, image);
    const tags = Array.from({ length: 1200 }, (_, count) => `t${count}`);
    await pushManifest(rig, NAME, image.manifest, ...tags);
    await rig.registry.chores.followChanges();
    expect(await recorded(rig)).toHaveLength(1201);
  });

  it('stops between batches when it is told to, and goes on later', async () => {
    rig = await openRig();
    await pushImage(rig, NAME, image, '1.0');
    const stop = AbortSignal.abort();
    await rig.registry.chores.followChanges(stop);
    expect(await recorded(rig)).toEqual([]);
    await rig.registry.chores.followChanges();
    expect(await recorded(rig)).toHaveLength(2);
  });

  it('has let go of every record when it fails, so that a later run is alone', async () => {
    rig = await openRig();
    await pushImage(rig, NAME, image, '1.0');
    await rig.catalog.run('sealChanges', { nowMs: 0, limit: 100 });
    const slow = Promise.withResolvers<void>();
    const order: string[] = [];
    const manifests = {
      ...rig.storage.manifests,
      put: async ({ name }: { readonly name: string }) => {
        if (name === '1.0') throw new Error('disk');
        await slow.promise;
        order.push('written');
      },
    };
    const drained = drainRecords({ catalog: rig.catalog, manifests }).catch(() => order.push('failed'));
    await new Promise(setImmediate);
    slow.resolve();
    await drained;
    expect(order).toEqual(['written', 'failed']);
  });

  it('gives a manifest the time at which it came, whenever it is pushed again', async () => {
    rig = await openRig();
    const cameMs = rig.clock.nowMs;
    await pushImage(rig, NAME, image, '1.0');
    rig.clock.nowMs += 1000;
    await pushManifest(rig, NAME, image.manifest, '1.1');
    await rig.registry.chores.followChanges();
    const { manifests } = rig.storage;
    const times = [image.manifest.digest, parseTag('1.0'), parseTag('1.1')].map(
      async (name) => (await manifests.get(repository(NAME), name))?.timeMs,
    );
    expect(await Promise.all(times)).toEqual([cameMs, cameMs, cameMs + 1000]);
    expect(await rig.registry.manifests.stat(repository(NAME), byTag('1.1'))).toMatchObject({ pushedMs: cameMs });
  });

  it('passes over what is no content, also where its name could be that of a tag', async () => {
    rig = await openRig();
    await pushImage(rig, NAME, image, '1.0');
    await rig.registry.chores.followChanges();
    const { nowMs } = rig.clock;
    const denied = { by: BY, nowMs, action: 'access.push', name: '2.0', repository: NAME, result: 'denied' } as const;
    await rig.catalog.run('recordEvents', { events: [denied, { by: BY, nowMs, action: 'user.delete', name: '1.0' }] });
    const before = await recorded(rig);
    const cursor = await rig.catalog.queries.findCursor(RECORDS_CURSOR);
    await rig.registry.chores.followChanges();
    expect(await recorded(rig)).toEqual(before);
    expect(await rig.catalog.queries.findCursor(RECORDS_CURSOR)).toBe(cursor + 2);
  });

  it('leaves alone what is only a blob', async () => {
    rig = await openRig();
    const blob = samples.blob();
    await pushBlob(rig, NAME, blob);
    await rig.registry.blobs.delete(BY, NAME, blob.digest);
    await rig.registry.chores.followChanges();
    expect(await recorded(rig)).toEqual([]);
  });
});
