import type { Catalog, DumpRow } from '../../../internal/catalog/index.ts';
import { UsageError } from '../../../internal/cli/index.ts';
import {
  digestOf,
  OCI_IMAGE_MANIFEST,
  parseRepositoryName,
  type Digest,
  type RepositoryName,
} from '../../../pkg/oci/index.ts';
import type { Stores } from './stores.ts';

export interface FillOptions {
  /** With nothing in them. */
  readonly stores: Stores;
  /** Half of them are deleted again. Each has four blobs of its own, besides its own bytes. */
  readonly manifests: number;
  /** Whether garbage has its content too, so that removing them counts. */
  readonly withFiles: boolean;
  readonly onStep: (text: string) => void;
}

/** A manifest that can be pulled. */
export interface Pullable {
  readonly repository: RepositoryName;
  readonly digest: Digest;
}

const LAYERS = 4;
const LAYER_BYTES = 100;
const OF_A_REPOSITORY = 1000;
/** So many manifests have their bytes in storage, to be asked for. */
const PULLABLE = 1000;
const ROWS_AT_ONCE = 2000;
const DELETES_AT_ONCE = 64;
const LONG_AGO_MS = 30 * 24 * 3_600_000;
const HOLDER = 'octobench gc';

interface Made extends Pullable {
  readonly bytes: Buffer;
  readonly layers: readonly Digest[];
}

function make(index: number): Made {
  const layers = Array.from({ length: LAYERS }, (_, layer) => digestOf(Buffer.from(`layer ${layer} of ${index}`)));
  const [config, ...rest] = layers.map((digest) => ({
    mediaType: 'application/octet-stream',
    digest,
    size: LAYER_BYTES,
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, config, layers: rest }));
  const repository = parseRepositoryName(`bench/app-${Math.floor(index / OF_A_REPOSITORY)}`);
  return { repository, digest: digestOf(bytes), bytes, layers };
}

function rowsOf({ repository, digest, bytes, layers }: Made, timeMs: number): readonly DumpRow[] {
  const blobs = layers.map((layer): DumpRow => ({
    kind: 'blob',
    digest: layer,
    sizeBytes: LAYER_BYTES,
    createdMs: timeMs,
  }));
  const memberships = layers.map((layer): DumpRow => ({
    kind: 'membership',
    repository,
    digest: layer,
    sinceMs: timeMs,
  }));
  const manifest: DumpRow = {
    kind: 'manifest',
    repository,
    digest,
    mediaType: OCI_IMAGE_MANIFEST,
    sizeBytes: bytes.length,
    pushedMs: timeMs,
    artifactType: undefined,
    subject: undefined,
    annotations: undefined,
    blobs: layers.toSorted(),
    children: [],
  };
  return [{ kind: 'blob', digest, sizeBytes: bytes.length, createdMs: timeMs }, ...blobs, ...memberships, manifest];
}

/** Fills stores through the catalog's own commands. Some of the manifests that are left, with their bytes in storage. */
export async function fillStores({ stores, manifests, withFiles, onStep }: FillOptions): Promise<readonly Pullable[]> {
  const timeMs = Date.now() - LONG_AGO_MS;
  await putRows(stores.catalog, manifests, timeMs, onStep);
  const pullable: Pullable[] = [];
  const garbage: Made[] = [];
  for (let index = 0; index < manifests; index += 1) {
    const made = make(index);
    if (index % 2 === 1) garbage.push(made);
    else if (pullable.length < PULLABLE) {
      await stores.put(made.digest, made.bytes);
      pullable.push({ repository: made.repository, digest: made.digest });
    }
    const isLast = index === manifests - 1;
    if (garbage.length < DELETES_AT_ONCE && !isLast) continue;
    await Promise.all(garbage.splice(0).map((each) => deleteOne(stores, each, timeMs, withFiles)));
    onStep(`deleting half: ${index + 1} of ${manifests}`);
  }
  return pullable;
}

async function putRows(
  catalog: Catalog,
  manifests: number,
  timeMs: number,
  onStep: FillOptions['onStep'],
): Promise<void> {
  const { kind } = await catalog.run('beginRestore', { holder: HOLDER });
  if (kind !== 'begun') throw new UsageError('the database is not empty: name one with nothing in it');
  let rows: DumpRow[] = [];
  for (let index = 0; index < manifests; index += 1) {
    rows.push(...rowsOf(make(index), timeMs));
    if (rows.length < ROWS_AT_ONCE && index < manifests - 1) continue;
    await catalog.run('restoreRows', { rows });
    rows = [];
    onStep(`filling: ${index + 1} of ${manifests}`);
  }
  await catalog.run('endRestore', { holder: HOLDER, nowMs: timeMs });
}

async function deleteOne(
  { catalog, put }: Pick<Stores, 'catalog' | 'put'>,
  { repository, digest, bytes, layers }: Made,
  nowMs: number,
  withFiles: boolean,
): Promise<void> {
  const by = { principal: HOLDER, address: 'local', requestId: '' };
  await catalog.run('deleteManifest', { by, nowMs, repository, digest });
  if (!withFiles) return;
  await put(digest, bytes);
  for (const layer of layers) await put(layer, Buffer.alloc(LAYER_BYTES));
}
