import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from '@jest/globals';
import { findUploadId, parseRepositoryName, parseTag } from '../../pkg/oci/index.ts';
import type { Digest, Reference, RepositoryName, Tag, UploadId } from '../../pkg/oci/index.ts';
import { openCatalog, type Catalog, type Origin } from '../catalog/index.ts';
import { createMetrics } from '../metrics/index.ts';
import type { Driver, Key } from '../storage/driver.ts';
import { assembleStorage, type Storage } from '../storage/index.ts';
import { blobKey } from '../storage/layout.ts';
import { openMemory } from '../storage/memory/driver.ts';
import type { Sample, SampleImage } from '../testing/images.ts';
import {
  ANY_TAG,
  createRegistry,
  type Damage,
  type Door,
  type Registry,
  type RegistryConfig,
  type UploadBody,
} from './index.ts';

// A suite by its name only because nothing but tests may import it.

export const BY: Origin = { principal: 'anonymous', address: '192.0.2.1:1234', requestId: 'request' };

export const repository = (text: string): RepositoryName => parseRepositoryName(text);
export const byTag = (text: string): Reference => ({ kind: 'tag', tag: parseTag(text) });
export const byDigest = (digest: Digest): Reference => ({ kind: 'digest', digest });
export const newUploadId = (): UploadId => findUploadId(randomUUID()) as UploadId; // what it makes is one

export interface RigOptions {
  readonly config?: Partial<RegistryConfig>;
  readonly verifyReads?: boolean;
  readonly doors?: readonly Door[];
  /** Puts something between the registry and what it stands on. */
  readonly wrapDriver?: (driver: Driver) => Driver;
  readonly wrapCatalog?: (catalog: Catalog) => Catalog;
}

/** A registry on memory, whose clock stands still until it is moved. */
export interface Rig {
  readonly registry: Registry;
  readonly storage: Storage;
  /** Beside whatever wraps it: what is stored can be looked at and damaged here. */
  readonly driver: Driver;
  readonly catalog: Catalog;
  readonly damages: readonly Damage[];
  readonly clock: { nowMs: number };
  close(): Promise<void>;
}

const CONFIG: RegistryConfig = {
  'registry.catalog_endpoint': true,
  'registry.delete': true,
  'registry.auto_mount': false,
  'registry.immutable_tags': [],
  'registry.protected_tags': [],
  'registry.manifest_limit': 4 * 1024 * 1024,
  'registry.chunk_min_length': 0,
  'registry.upload_expiry': 24 * 60 * 60 * 1000,
  'registry.upload_limit': 10_000,
  'registry.cache_size': 1024 * 1024,
  'history.keep': 0,
};

/** As `gc.review_delay` is by default. */
export const LEASE_MS = 24 * 60 * 60 * 1000;

const same = <T>(thing: T): T => thing;

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const { config, doors, verifyReads = false, wrapDriver = same, wrapCatalog = same } = options;
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const now = (): number => clock.nowMs;
  const driver = openMemory({ clock: now });
  const storage = assembleStorage(wrapDriver(driver), { clock: now });
  const settings = { 'catalog.type': 'sqlite', 'catalog.path': undefined } as const;
  const catalog = await openCatalog(settings, { path: '', durability: 'os', memory: true });
  const pause = async (ms: number): Promise<void> => void (clock.nowMs += ms);
  const damages: Damage[] = [];
  const registry = createRegistry({
    storage,
    catalog: wrapCatalog(catalog),
    config: { ...CONFIG, ...config } as RegistryConfig, // nothing in it is undefined
    verifyReads,
    leaseMs: LEASE_MS,
    metrics: createMetrics(),
    doors,
    ports: { clock: now, ticks: now, pause, newUploadId, onDamage: (damage) => void damages.push(damage) },
  });
  return {
    registry,
    storage,
    driver,
    catalog,
    damages,
    clock,
    async close() {
      await catalog.close();
      await storage.close();
    },
  };
}

/** A rig of its own for each test of the file. */
export function useRig(options?: RigOptions): Rig {
  let rig: Rig | undefined;
  const opened = (): Rig => {
    if (!rig) throw new Error('a rig is there while a test runs');
    return rig;
  };
  beforeEach(async () => {
    rig = await openRig(options);
  });
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });
  return new Proxy({} as Rig, { get: (_target, name) => Reflect.get(opened(), name) as unknown });
}

export async function* streamOf(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

export const bodyOf = (bytes: Uint8Array | string, more: Omit<UploadBody, 'stream'> = {}): UploadBody => ({
  stream: streamOf(bytes),
  ...more,
});

export const NO_BODY = bodyOf('');

/** A body that is sent piece by piece while the test looks on. */
export class Feed implements AsyncIterable<Uint8Array> {
  readonly #waiting: { readonly chunk: Uint8Array | Error | undefined; readonly taken: () => void }[] = [];
  #wake = Promise.withResolvers<void>();

  /** Resolves when the receiver wants what comes after. */
  send(chunk: Uint8Array | string): Promise<void> {
    return this.#put(Buffer.from(chunk));
  }

  end(): void {
    void this.#put(undefined);
  }

  breakOff(cause: Error): void {
    void this.#put(cause);
  }

  #put(chunk: Uint8Array | Error | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ chunk, taken: resolve });
    this.#wake.resolve();
    return promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#waiting.shift();
      if (!next) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
        continue;
      }
      if (next.chunk === undefined) return;
      if (next.chunk instanceof Error) throw next.chunk;
      yield next.chunk;
      next.taken();
    }
  }
}

export async function pushBlob({ registry }: Rig, name: string, { digest, bytes }: Sample): Promise<void> {
  await registry.uploads.putWhole(BY, repository(name), digest, bodyOf(bytes));
}

export async function pushManifest(
  { registry }: Rig,
  name: string,
  { digest, bytes, mediaType }: Sample,
  ...tags: readonly string[]
): Promise<void> {
  await registry.manifests.put(BY, repository(name), {
    reference: byDigest(digest),
    tags: tags.map((tag): Tag => parseTag(tag)),
    contentType: mediaType,
    bytes,
    grant: ANY_TAG,
  });
}

export async function pushImage(rig: Rig, name: string, image: SampleImage, ...tags: readonly string[]): Promise<void> {
  for (const blob of image.blobs) await pushBlob(rig, name, blob);
  await pushManifest(rig, name, image.manifest, ...tags);
}

/** What the registry gives for a blob, streamed or not. */
export async function pullBlob({ registry }: Rig, name: string, digest: Digest): Promise<Buffer> {
  const blob = await registry.blobs.open(repository(name), digest);
  if (blob.kind === 'elsewhere') throw new Error(`the content is at ${blob.url.origin}`);
  if (blob.kind === 'bytes') return Buffer.from(blob.bytes);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of blob.content.read()) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } finally {
    await blob.content.close();
  }
}

/** Bytes that nothing vouches for, in the place of a blob. */
export async function replaceContent({ driver }: Rig, digest: Digest, bytes: Uint8Array | undefined): Promise<void> {
  if (bytes) await driver.objects.put(blobKey(digest), bytes);
  else await driver.objects.remove(blobKey(digest));
}

/** The keys of all that is stored below a folder of the layout. */
export async function storedKeys({ driver }: Rig, folder: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of driver.objects.list(folder as Key)) keys.push(key);
  return keys.sort();
}
