import type { Client } from '../../../pkg/client/index.ts';
import type { Content } from '../generator/content.ts';
import type { Fixture, FixtureManifest } from './fixtures.ts';

const AT_ONCE = 8;

/** Runs the tasks, so many at once; the first failure ends it. */
async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const work = async (): Promise<void> => {
    for (const item of queue) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function putBlob(client: Client, repository: string, { digest, body }: Content): Promise<void> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* body.pieces();
  }
  await client.pushBlob(repository, stream, { digest, size: body.sizeBytes });
}

async function putManifest(client: Client, repository: string, manifest: FixtureManifest): Promise<void> {
  const { bytes, digest, mediaType, tags } = manifest;
  const last = tags.at(-1);
  if (last !== undefined) {
    // The last one is put when all others are there: whoever finds it finds them.
    const there = await client.headManifest(repository, last);
    if (there?.digest === digest) return;
    const put = (tag: string): Promise<unknown> => client.putManifest(repository, tag, { bytes, mediaType });
    await inParallel(tags.slice(0, -1), async (tag) => void (await put(tag)));
    await put(last);
  } else if (!(await client.headManifest(repository, digest))) {
    await client.putManifest(repository, digest, { bytes, mediaType });
  }
}

/** Pushes what a workload needs and the registry has not got yet. */
export async function prepareFixture(client: Client, { repository, blobs, manifests }: Fixture): Promise<void> {
  await inParallel(blobs, (blob) => putBlob(client, repository, blob));
  await inParallel(manifests, (manifest) => putManifest(client, repository, manifest));
}
