import { findDigest, type Digest, type Tag } from '../../pkg/oci/index.ts';
import { hashBatch, type Catalog, type DumpRow } from '../catalog/index.ts';
import { RECORDS_CURSOR, type Door, type ManifestFacts } from '../registry/index.ts';
import { describeStored } from './describe-stored.ts';
import type { ManifestRecord, RecordName, StorageReader } from '../storage/index.ts';
import { forEach } from './for-each.ts';
import { readManifest } from './manifest-content.ts';
import { rowsOfManifest } from './manifest-rows.ts';
import type { OnProblem, OnProgress } from './problem.ts';
import { readRecord } from './read-record.ts';
import { Recent } from './recent.ts';
import { remember } from './remember.ts';
import { restoreCatalog, type Refused } from './restore.ts';
import type { RowWriter } from './row-writer.ts';

export interface RebuildDeps {
  readonly storage: Pick<StorageReader, 'blobs' | 'manifests'>;
  /** A catalog that holds nothing, or that an earlier rebuild began to fill. */
  readonly catalog: Catalog;
  /** What facades know of what is theirs, they say again. */
  readonly doors?: readonly Door[] | undefined;
  readonly clock: () => number;
  readonly onProblem: OnProblem;
  /** Measured in records. */
  readonly onProgress: OnProgress;
}

export interface Rebuilt {
  readonly manifests: number;
  readonly tags: number;
  /** Records that could not be restored. */
  readonly skipped: number;
  /** Blobs that restored manifests name and that are not as they should be: who pushes them again mends that. */
  readonly damaged: number;
  /** The highest number that a record holds: the log goes on after it. */
  readonly sequence: number;
}

/** So many records are read at a time: storage far away answers in its own time, but many at once. */
const AT_ONCE = 32;
/** So many rows are remembered, not to be written again: those of base layers, which many manifests imply alike. */
const REMEMBERED = 50_000;

/**
 * Makes a catalog from what storage has: manifests and tags as their records say, everything else as the manifests'
 * bytes say. What cannot be read is told and left out. Nothing in storage is changed.
 */
export async function rebuildCatalog(deps: RebuildDeps): Promise<Refused | ({ kind: 'rebuilt' } & Rebuilt)> {
  const restored = await restoreCatalog(deps.catalog, 'rebuild', deps.clock, (rows) => new Rebuild(deps, rows).run());
  return restored.kind === 'restored' ? { kind: 'rebuilt', ...restored.result } : restored;
}

class Rebuild {
  readonly #deps: RebuildDeps;
  readonly #rows: RowWriter;
  /** The size of stored content in bytes; undefined where there is none. */
  readonly #sizeOf: (digest: Digest) => Promise<number | undefined>;
  readonly #written = new Recent<string, true>(REMEMBERED);
  readonly #damaged = new Set<Digest>();
  readonly #counts = { manifests: 0, tags: 0, skipped: 0, sequence: 0 };

  constructor(deps: RebuildDeps, rows: RowWriter) {
    this.#deps = deps;
    this.#rows = rows;
    this.#sizeOf = remember(async (digest) => (await deps.storage.blobs.stat(digest))?.sizeBytes);
  }

  async run(): Promise<Rebuilt> {
    const { storage, onProgress } = this.#deps;
    let total = 0;
    for await (const _ of storage.manifests.names()) total += 1;
    onProgress.total(total);
    // A tag points at a manifest that is there: so all of those come first.
    await this.#each(({ name }) => findDigest(name) !== undefined, this.#restoreManifest);
    await this.#rows.flush();
    await this.#each(({ name }) => findDigest(name) === undefined, this.#restoreTag);
    await this.#continueLog();
    return { ...this.#counts, damaged: this.#damaged.size };
  }

  async #each(
    wanted: (name: RecordName) => boolean,
    restore: (record: ManifestRecord) => Promise<void>,
  ): Promise<void> {
    const { storage, onProgress } = this.#deps;
    await forEach(storage.manifests.names(), AT_ONCE, async (name) => {
      if (!wanted(name)) return;
      const record = await this.#read(name);
      if (record) await restore(record);
      onProgress.done(1);
    });
  }

  async #read(name: RecordName): Promise<ManifestRecord | undefined> {
    const found = await readRecord(this.#deps.storage.manifests, name);
    if (found.kind === 'unreadable') this.#skip({ kind: 'record unreadable', ...name, detail: found.reason });
    if (found.kind !== 'record') return undefined;
    this.#counts.sequence = Math.max(this.#counts.sequence, found.record.sequence);
    return found.record;
  }

  readonly #restoreManifest = async (record: ManifestRecord): Promise<void> => {
    const { repository, digest } = record;
    const content = await readManifest(this.#deps.storage.blobs, record);
    if (content.kind === 'unreadable') {
      return this.#skip({ kind: 'manifest unreadable', repository, name: digest, detail: content.reason });
    }
    await this.#checkBlobs(record, content.facts);
    const foreign = await this.#foreignHere(content.facts);
    const known = { ...record, pushedMs: record.timeMs };
    const rows = rowsOfManifest(known, content.facts, foreign, this.#deps.clock());
    const told = await describeStored(this.#deps, { ...record, ...content });
    await this.#rows.add(...rows.filter((row) => !this.#isWritten(row)), ...told);
    this.#counts.manifests += 1;
  };

  /** Told only: the row has the size that it must have, so that what is missing is known to be, and mended by a push. */
  async #checkBlobs({ repository, name }: ManifestRecord, facts: ManifestFacts): Promise<void> {
    for (const { digest, sizeBytes } of facts.blobs) {
      const stored = await this.#sizeOf(digest);
      if (stored === sizeBytes) continue;
      this.#damaged.add(digest);
      const common = { repository, name, digest };
      this.#deps.onProblem(
        stored === undefined
          ? { kind: 'blob missing', ...common }
          : { kind: 'blob of wrong size', ...common, detail: `it has ${stored} bytes, not ${sizeBytes}` },
      );
    }
  }

  async #foreignHere({ foreign }: ManifestFacts): Promise<ReadonlyMap<Digest, number>> {
    const here = new Map<Digest, number>();
    for (const digest of foreign) {
      const sizeBytes = await this.#sizeOf(digest);
      if (sizeBytes !== undefined) here.set(digest, sizeBytes);
    }
    return here;
  }

  #isWritten(row: DumpRow): boolean {
    if (row.kind !== 'blob' && row.kind !== 'membership') return false;
    const key = row.kind === 'blob' ? row.digest : `${row.repository}@${row.digest}`;
    const isKnown = this.#written.get(key) ?? false;
    if (!isKnown) this.#written.set(key, true);
    return isKnown;
  }

  readonly #restoreTag = async ({ repository, name, digest }: ManifestRecord): Promise<void> => {
    if (!(await this.#deps.catalog.queries.findManifest(repository, digest))) {
      return this.#skip({ kind: 'tag without manifest', repository, name, digest });
    }
    await this.#rows.add({ kind: 'tag', repository, name: name as Tag, digest }); // what is no digest is a tag
    this.#counts.tags += 1;
  };

  /**
   * The log itself is gone. Its numbers go on after the last that is known, on a seal of no rows, so that no number
   * means two things; and the records that were read need not be written again.
   */
  async #continueLog(): Promise<void> {
    const { sequence } = this.#counts;
    if (sequence === 0) return;
    const hash = hashBatch('', []);
    await this.#rows.add(
      { kind: 'seal', first: sequence + 1, last: sequence, hash, timeMs: this.#deps.clock() },
      { kind: 'cursor', name: RECORDS_CURSOR, sequence },
    );
  }

  #skip(problem: Parameters<OnProblem>[0]): void {
    this.#counts.skipped += 1;
    this.#deps.onProblem(problem);
  }
}
