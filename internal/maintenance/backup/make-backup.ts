import type { UploadId } from '../../../pkg/oci/index.ts';
import type { Catalog, CatalogSnapshot } from '../../catalog/index.ts';
import { backupNameAt, type BackupName, type BackupTarget, type Storage } from '../../storage/index.ts';
import { findKept } from '../damage.ts';
import { dumpCatalog } from '../dump.ts';
import { allOf } from '../pages.ts';
import type { OnProgress } from '../problem.ts';
import { BackupError } from './backup-error.ts';
import { claimTarget, type Claim } from './claim.ts';
import { copyContent, type Copied, type CopyDeps, type NamedContent } from './copy-content.ts';
import { listBackups } from './list-backups.ts';
import { formatMarker, type Backup, type Lacking } from './marker.ts';
import { pruneBackups, type Pruned } from './prune-backups.ts';
import { TargetContent } from './target-content.ts';

export interface MakeBackupDeps {
  readonly catalog: Pick<Catalog, 'snapshot' | 'queries'>;
  readonly storage: Pick<Storage, 'blobs' | 'check'>;
  readonly target: BackupTarget;
  /** Runs something while no garbage is collected, anywhere. Its signal is aborted where that cannot be kept up. */
  readonly uncollected: <Result>(act: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal) => Promise<Result>;
  /** Names the registry among those that could use this target. */
  readonly registry: string;
  /** How many backups to keep, this one among them; 0: all. */
  readonly keep: number;
  readonly newUploadId: () => UploadId;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly program: string;
  readonly host: string;
  /** Measured in bytes of content; nobody is told where it is not given. */
  readonly onProgress?: OnProgress;
}

export interface Made {
  readonly backup: Backup;
  readonly pruned: Pruned;
}

/** So many at a time: enough to keep a bucket busy, few enough to leave a disk and a processor to who is served. */
const AT_ONCE = 12;
/** Content of a dump may have been collected before it was copied: then another dump is made, so often at most. */
const MOST_DUMPS = 3;
/** Of more, it is not the content that is wrong. */
const MOST_LACKING = 1000;
const SECOND_MS = 1000;
/** When so much was copied, the catalog's list is gone through once more before collections are held off, so often at most. */
const MUCH_BYTES = 4 * 1024 ** 3;
const MOST_PASSES = 4;

/**
 * Makes a backup beside servers that go on working: all content first, which may take long; then, while no garbage is
 * collected, a dump as of one moment and the content that came since. So all that the dump names is there when the
 * backup is finished, which is when its marker is written. To be run once at a time for a registry.
 */
export async function makeBackup(deps: MakeBackupDeps, stop: AbortSignal): Promise<Made> {
  const { target, storage, clock, registry } = deps;
  const startedMs = clock();
  await storage.check();
  await target.check();
  const name = await findFreeName(deps, startedMs);
  const files = target.backups;
  const claim = await claimTarget({ files, name, registry, clock });
  const signal = AbortSignal.any([stop, claim.lost]);
  try {
    await sweepUploads(target, clock());
    const copier = createCopier(deps);
    await copyMost(deps, copier, signal);
    const done = await copyExactly(deps, name, copier, signal);
    const { program, host } = deps;
    const backup: Backup = { name, startedMs, finishedMs: clock(), program, host, ...done, copied: copier.copied };
    await finish(deps, claim, backup);
    return { backup, pruned: await pruneBackups({ target, keep: deps.keep }, signal) };
  } finally {
    await claim.end();
  }
}

/** Writes what makes it a backup; not where another began meanwhile, which may have pruned what this one counts on. */
async function finish({ target: { backups } }: MakeBackupDeps, claim: Claim, backup: Backup): Promise<void> {
  await claim.check();
  await backups.put(backup.name, 'json', formatMarker(backup));
  try {
    await claim.check(); // this process may have stood still in between
  } catch (failure) {
    await backups.remove(backup.name, 'json');
    throw failure;
  }
}

/**
 * Most of the content, while everything goes on; again where that took so much that as much may have come meanwhile.
 * What is lacking is looked at again afterwards.
 */
async function copyMost({ catalog, onProgress }: MakeBackupDeps, copier: Copier, signal: AbortSignal): Promise<void> {
  if (onProgress) onProgress.total((await catalog.queries.totals()).blobBytes);
  let onDone = (sizeBytes: number): void => onProgress?.done(sizeBytes);
  for (let passes = 0; passes < MOST_PASSES; passes += 1) {
    const blobs = allOf(
      (page) => catalog.queries.listBlobs(page),
      ({ digest }) => digest,
    );
    const { copiedBytes } = await copier.copy(blobs, { onLacking: () => undefined, onDone }, signal);
    if (copiedBytes < MUCH_BYTES) return;
    onDone = () => undefined;
  }
}

type Exact = Pick<Backup, 'dump' | 'content' | 'lacking'>;

/** A dump, and then what it names and was not copied before: all of it, but what the storage has lost itself. */
async function copyExactly(
  deps: MakeBackupDeps,
  name: BackupName,
  copier: Copier,
  signal: AbortSignal,
): Promise<Exact> {
  const { catalog, storage, uncollected } = deps;
  for (let dumps = 1; dumps <= MOST_DUMPS; dumps += 1) {
    const exact = await uncollected(async (until) => {
      const snapshot = await catalog.snapshot();
      try {
        const dump = await writeDump(deps, name, snapshot, until);
        const lacking: Lacking[] = [];
        const onLacking = async (each: Lacking): Promise<void> => {
          await storage.check(); // one that is away lacks everything
          lacking.push(each);
          if (lacking.length > MOST_LACKING) throw tooMuchIsLacking(each);
        };
        const named = await copier.copy(snapshot.read('blob', 'all'), { onLacking, onDone: () => undefined }, until);
        return { dump, content: { blobs: named.blobs, bytes: named.bytes }, lacking };
      } finally {
        await snapshot.close();
      }
    }, signal);
    if (!(await isAnyGone(catalog, exact.lacking))) return exact;
  }
  throw new BackupError('moving', 'content was removed faster than it could be copied: run it again');
}

function tooMuchIsLacking({ digest, reason }: Lacking): BackupError {
  const what = `more than ${MOST_LACKING} contents that the catalog knows cannot be read (${digest}: ${reason})`;
  return new BackupError('damaged', `${what}: this may be another storage than the catalog is about`);
}

interface Copier {
  readonly copied: { blobs: number; bytes: number };
  copy(
    contents: AsyncIterable<NamedContent>,
    more: Pick<CopyDeps, 'onLacking' | 'onDone'>,
    signal: AbortSignal,
  ): Promise<Copied>;
}

function createCopier({ storage, target, newUploadId }: MakeBackupDeps): Copier {
  const copied = { blobs: 0, bytes: 0 };
  return {
    copied,
    async copy(contents, more, signal) {
      const known = new TargetContent(target);
      const has = (blob: NamedContent): Promise<boolean> => known.has(blob);
      const counts = await copyContent(
        { from: storage.blobs, to: target, newUploadId, has, atOnce: AT_ONCE, ...more },
        contents,
        signal,
      );
      copied.blobs += counts.copiedBlobs;
      copied.bytes += counts.copiedBytes;
      return counts;
    },
  };
}

async function findFreeName({ target }: MakeBackupDeps, startedMs: number): Promise<BackupName> {
  const { backups, unreadable, unfinished } = await listBackups(target.backups);
  const taken = new Set([...backups.map(({ name }) => name), ...unreadable.map(({ name }) => name), ...unfinished]);
  for (let ms = startedMs; ; ms += SECOND_MS) {
    const name = backupNameAt(ms);
    if (!taken.has(name)) return name;
  }
}

/** What broke off in the middle; nobody else is at work here. */
async function sweepUploads({ uploads }: BackupTarget, nowMs: number): Promise<void> {
  for await (const { id } of uploads.list()) await uploads.discard(id);
  await uploads.sweep(nowMs);
}

async function writeDump(
  { target }: MakeBackupDeps,
  name: BackupName,
  snapshot: CatalogSnapshot,
  signal: AbortSignal,
): Promise<Backup['dump']> {
  const rows: Record<string, number> = {};
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const counted = (kind: string, count: number): void => void (rows[kind] = count);
    const text = dumpCatalog(snapshot, 'all', { done: () => undefined, counted });
    for await (const piece of text) yield Buffer.from(piece);
  }
  const written = await target.backups.write(name, 'dump', bytes(), signal);
  return { ...written, rows };
}

/** Whether the catalog has given any of the content up since: then it is not damaged, but gone. */
async function isAnyGone(catalog: Pick<Catalog, 'queries'>, lacking: readonly Lacking[]): Promise<boolean> {
  for (const { digest } of lacking) if (!(await findKept(catalog, digest))) return true;
  return false;
}
