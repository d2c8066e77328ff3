import { findDigest, type Tag } from '../../pkg/oci/index.ts';
import { recordOf, RECORDS_CURSOR } from '../registry/index.ts';
import type { ManifestRecord, RecordName } from '../storage/index.ts';
import type { ProblemKind } from './problem.ts';
import { readRecord } from './read-record.ts';
import type { VerifyDeps } from './verify.ts';

/** So many names are gathered before they are judged. */
const GATHERED = 1000;
/** A name that moves all the time is looked at so often before its record is called wrong. */
const LOOKS = 3;

interface Finding {
  readonly name: RecordName;
  readonly kind: ProblemKind;
  readonly detail?: string;
  /** What the record should be; undefined where there should be none. */
  readonly wanted?: ManifestRecord;
}

/**
 * Names whose records do not say what the catalog says. Records trail the catalog, so that much of this is only on its
 * way: such names are gathered, and judged when the records were brought up to date.
 */
export class Suspects {
  readonly #deps: VerifyDeps;
  #names: RecordName[] = [];
  #judging: Promise<void> = Promise.resolve();

  constructor(deps: VerifyDeps) {
    this.#deps = deps;
  }

  /** Suspects the name if its record is not as it should be. */
  async examine(name: RecordName): Promise<void> {
    if (!(await this.#look(name))) return;
    this.#names.push(name);
    if (this.#names.length >= GATHERED) await this.judge();
  }

  /** Tells of all that were gathered and are as wrong as before, and mends them where that is wanted. */
  async judge(): Promise<void> {
    const names = this.#names;
    this.#names = [];
    this.#judging = this.#judging.then(() => (names.length > 0 ? this.#judge(names) : undefined));
    await this.#judging;
  }

  #judge(names: readonly RecordName[]): Promise<void> {
    const { alone, followChanges } = this.#deps;
    return alone(async (signal) => {
      let findings: readonly Finding[] = names.map((name) => ({ name, kind: 'record differs' }));
      for (let look = 0; look < LOOKS && findings.length > 0; look += 1) {
        await followChanges(signal);
        const again = [];
        for (const { name } of findings) again.push(await this.#look(name));
        findings = again.filter((finding) => finding !== undefined);
      }
      for (const finding of findings) {
        signal.throwIfAborted();
        await this.#tell(finding);
      }
    });
  }

  async #look(name: RecordName): Promise<Finding | undefined> {
    const { catalog, storage } = this.#deps;
    const wanted = await recordOf(catalog, name.repository, name.name, { sequence: 0, timeMs: 0 });
    const found = await readRecord(storage.manifests, name);
    if (found.kind === 'unreadable') {
      return { name, kind: 'record unreadable', detail: found.reason, ...(wanted && { wanted }) };
    }
    if (found.kind === 'absent') return wanted && { name, kind: 'record missing', wanted };
    if (wanted) return saysTheSame(found.record, wanted) ? undefined : { name, kind: 'record differs', wanted };
    return (await this.#isFromThisLog(found.record))
      ? { name, kind: 'record stale' }
      : { name, kind: 'record unknown', detail: 'this catalog never knew the name: see `octoserve rebuild`' };
  }

  /**
   * Whether this catalog's log has the change that the record follows. A record that another catalog left behind may be
   * all that is left to rebuild a name from: that is never removed.
   */
  async #isFromThisLog({ repository, name, sequence }: ManifestRecord): Promise<boolean> {
    const [change] = await this.#deps.catalog.queries.listChanges({ after: sequence - 1, limit: 1 });
    return change?.sequence === sequence && change.repository === repository && change.name === name;
  }

  async #tell({ name, kind, detail, wanted }: Finding): Promise<void> {
    const { repair, storage, onProblem } = this.#deps;
    const isMended = repair && (wanted !== undefined || kind === 'record stale');
    if (isMended && wanted) await storage.manifests.put(await this.#complete(wanted));
    else if (isMended) await storage.manifests.remove(name.repository, name.name);
    onProblem({ kind, ...name, ...(detail !== undefined && { detail }), ...(isMended && { mended: true }) });
  }

  /** A tag's time is that of its last move, which a catalog that was rebuilt does not know. */
  async #complete(wanted: ManifestRecord): Promise<ManifestRecord> {
    const { queries } = this.#deps.catalog;
    const sequence = await queries.findCursor(RECORDS_CURSOR);
    if (findDigest(wanted.name)) return { ...wanted, sequence };
    const [move] = await queries.listTagMoves(wanted.repository, wanted.name as Tag, { limit: 1 }); // else a digest
    const timeMs = move?.timeMs ?? (await queries.findManifest(wanted.repository, wanted.digest))?.pushedMs ?? 0;
    return { ...wanted, sequence, timeMs };
  }
}

/** Whether a rebuild would make the same of both. It takes a tag's digest, and everything else from the manifest's. */
function saysTheSame(record: ManifestRecord, wanted: ManifestRecord): boolean {
  if (record.digest !== wanted.digest) return false;
  if (!findDigest(wanted.name)) return true;
  const { mediaType, sizeBytes, timeMs } = wanted;
  return record.mediaType === mediaType && record.sizeBytes === sizeBytes && record.timeMs === timeMs;
}
