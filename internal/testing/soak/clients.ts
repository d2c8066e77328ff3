import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, ClientError, type Client } from '../../../pkg/client/index.ts';
import { parseManifest, type Digest } from '../../../pkg/oci/index.ts';
import { createRandom, type Random } from '../simulator/random.ts';
import { createSamples, describeSample, toManifest, type Sample, type SampleImage } from '../images.ts';
import { OCI_IMAGE_MANIFEST } from '../../../pkg/oci/index.ts';

export interface SoakOptions {
  readonly url: string;
  readonly seconds: number;
  readonly clients: number;
  /** How long the server keeps what nothing references (`gc.review_delay`). */
  readonly delayMs: number;
}

/** What clients did in all, and what they had to complain of. */
export interface SoakReport {
  readonly pushes: number;
  readonly pulls: number;
  readonly deletes: number;
  /** Pushes that were told that a blob is missing: they took longer than a blob is kept without a reference. */
  readonly late: number;
  readonly complaints: readonly string[];
}

const REPOSITORIES = ['soak/one', 'soak/two', 'soak/three'];
const TAGS = ['a', 'b', 'c', 'd'];
const SHARED_LAYERS = 12;
const MOST_BYTES = 64 * 1024;

/** Images that share layers, so that what one client deletes another pushes again just then. */
function createImages(random: Random): () => SampleImage {
  const samples = createSamples('soak');
  const shared = Array.from({ length: SHARED_LAYERS }, () => samples.blob(1 + random.below(MOST_BYTES)));
  let made = 0;
  return () => {
    const own = createSamples(`soak ${(made += 1) % 50}`).blob(1 + random.below(1000));
    const blobs: readonly Sample[] = [own, ...random.some(shared)];
    const [config, ...layers] = blobs.map(describeSample);
    return { manifest: toManifest(OCI_IMAGE_MANIFEST, { config, layers }), blobs };
  };
}

/** The registry's own word for why it refused; undefined where it was something else. */
function refusalOf(error: unknown): string | undefined {
  return error instanceof ClientError ? (error.errors[0]?.code ?? `status ${error.status}`) : undefined;
}

/** Pushes, pulls and deletes from many clients at once, as fast as the server answers, for so long. */
export async function soakClients({ url, seconds, clients, delayMs }: SoakOptions): Promise<SoakReport> {
  const counts = { pushes: 0, pulls: 0, deletes: 0, late: 0 };
  const complaints: string[] = [];
  const random = createRandom(Date.now());
  const nextImage = createImages(random);
  const endTicks = performance.now() + seconds * 1000;

  async function push(client: Client): Promise<void> {
    const repository = random.pick(REPOSITORIES);
    const { manifest, blobs } = nextImage();
    const beganTicks = performance.now();
    for (const { digest, size, bytes } of blobs) {
      const from = random.pick(REPOSITORIES);
      await client.pushBlob(repository, bytes, { digest, size, ...(from !== repository && { from }) });
    }
    try {
      await client.putManifest(repository, random.pick(TAGS), manifest);
      counts.pushes += 1;
    } catch (error) {
      if (refusalOf(error) !== 'MANIFEST_BLOB_UNKNOWN') throw error;
      // A blob that was there already is kept for at least half of the delay from then on.
      const isLate = performance.now() - beganTicks >= delayMs / 2;
      if (isLate) counts.late += 1;
      else complaints.push(`a push of ${manifest.digest} was told too early that a blob is missing`);
    }
  }

  async function pull(client: Client): Promise<void> {
    const repository = random.pick(REPOSITORIES);
    const found = await client.headManifest(repository, random.pick(TAGS));
    if (!found) return;
    const missing = await findMissing(client, repository, found.digest);
    counts.pulls += 1;
    // Somebody may have deleted the manifest meanwhile, and then what it named may go.
    if (missing && (await client.headManifest(repository, found.digest))) {
      const again = await findMissing(client, repository, found.digest);
      if (again && (await client.headManifest(repository, found.digest))) complaints.push(again);
    }
  }

  async function remove(client: Client): Promise<void> {
    const repository = random.pick(REPOSITORIES);
    const found = await client.headManifest(repository, random.pick(TAGS));
    if (!found) return;
    try {
      await client.deleteManifest(repository, found.digest);
      counts.deletes += 1;
    } catch (error) {
      if (refusalOf(error) !== 'MANIFEST_UNKNOWN') throw error;
    }
  }

  async function work(): Promise<void> {
    const client = createClient({ url });
    while (performance.now() < endTicks && complaints.length === 0) {
      const act = random.pick([push, push, pull, pull, remove]);
      try {
        await act(client);
      } catch (error) {
        complaints.push(`${act.name}: ${error instanceof Error ? (error.stack ?? error.message) : 'no error'}`);
      }
    }
  }

  await Promise.all(Array.from({ length: clients }, work));
  return { ...counts, complaints };
}

/** What a manifest lacks, in words. */
async function findMissing(client: Client, repository: string, digest: Digest): Promise<string | undefined> {
  try {
    const { bytes, mediaType } = await client.getManifest(repository, digest);
    const { config, layers } = parseManifest(bytes, mediaType);
    for (const blob of [...(config ? [config] : []), ...layers]) {
      await client.readBlob(repository, blob.digest);
    }
    return undefined;
  } catch (error) {
    return `${repository}@${digest}: ${refusalOf(error) ?? String(error)}`;
  }
}

/** Every tag that cannot be pulled whole. */
export async function pullTags(
  url: string,
): Promise<{ readonly tags: number; readonly complaints: readonly string[] }> {
  const client = createClient({ url });
  const complaints: string[] = [];
  let tags = 0;
  for (const repository of REPOSITORIES) {
    for await (const tag of client.listTags(repository)) {
      const found = await client.headManifest(repository, tag);
      const missing = found ? await findMissing(client, repository, found.digest) : 'it is gone';
      if (missing) complaints.push(`${repository}:${tag}: ${missing}`);
      tags += 1;
    }
  }
  return { tags, complaints };
}

/** Waits until the server finds nothing more to collect; how many blobs are left of what it could. */
export async function waitUntilClean(url: string, patienceMs: number): Promise<number> {
  const endTicks = performance.now() + patienceMs;
  for (;;) {
    const response = await fetch(new URL('/admin/gc', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dry_run: true, grace: '0' }),
    });
    const answer = (await response.json()) as { readonly metrics: { readonly reclaimable_blobs: number } };
    const left = answer.metrics.reclaimable_blobs;
    if (left === 0 || performance.now() > endTicks) return left;
    await sleep(500);
  }
}
