import { createBatchHash, hashBatch, hashChange, toHashed, type Catalog, type SealRow } from '../catalog/index.ts';
import { RECORDS_CURSOR } from '../registry/index.ts';
import { AUDIT_CURSOR } from './audit-stream.ts';

/** The first thing that is wrong with the sealed chain. */
export type AuditFault =
  /** There is no entry of that number, which there was. */
  | Readonly<{ kind: 'removed'; sequence: number }>
  /** It is not what was sealed. */
  | Readonly<{ kind: 'altered'; sequence: number }>
  /** One of them was altered together with its own hash, or has none of its own, or it is their seal that was altered. */
  | Readonly<{ kind: 'altered among'; first: number; last: number }>
  /** The seal is gone that began with the number. */
  | Readonly<{ kind: 'seal removed'; sequence: number }>;

export interface AuditReport {
  /** The number of the first entry that there is: 1, but where the catalog was rebuilt, which lost those before. */
  readonly first: number;
  /** The last of those, from the first one on, that are what was sealed. */
  readonly verified: number;
  /** The hash up to there: to be kept elsewhere, since whoever can write to the catalog could make all of it anew. */
  readonly hash: string;
  /** The tail that is not sealed yet, of which nothing can be said. */
  readonly unsealed: number;
  readonly fault: AuditFault | undefined;
}

interface Deps {
  readonly catalog: Pick<Catalog, 'queries'>;
  /** Told of each page, how many entries it had. */
  readonly onProgress?: (entries: number) => void;
}

const PAGE = 1000;

/** Walks the log of changes from its first entry, page by page, and stops at the first one that is not as it was sealed. */
export async function verifyAudit({ catalog, onProgress = () => undefined }: Deps): Promise<AuditReport> {
  const { queries } = catalog;
  // What followers have seen was sealed: read first, since the sealer goes on meanwhile.
  const followed = Math.max(await queries.findCursor(RECORDS_CURSOR), await queries.findCursor(AUDIT_CURSOR));
  let [start, verified, hash] = [1, 0, ''];

  const report = async (fault?: AuditFault): Promise<AuditReport> => ({
    first: start,
    verified,
    hash,
    unsealed: await queries.countUnsealed(),
    fault,
  });

  async function findFault(seal: SealRow): Promise<AuditFault | undefined> {
    const { first, last, hash: sealed } = seal;
    if (verified === 0 && isOfRebuild(seal)) {
      [start, verified, hash] = [first, last, sealed];
      return undefined;
    }
    if (first !== verified + 1) return { kind: 'seal removed', sequence: verified + 1 };
    const batch = createBatchHash(hash);
    for (let next = first; next <= last;) {
      const changes = await queries.listChanges({ after: next - 1, limit: Math.min(PAGE, last - next + 1) });
      for (const change of changes) {
        const { sequence } = change;
        if (sequence !== next) break;
        const hashed = toHashed(change);
        if (change.hash !== undefined && change.hash !== hashChange(hashed)) return { kind: 'altered', sequence };
        batch.add(hashed);
        next += 1;
      }
      if (changes.at(-1)?.sequence !== next - 1) return { kind: 'removed', sequence: next };
      onProgress(changes.length);
    }
    if (batch.digest() !== sealed) return { kind: 'altered among', first, last };
    [verified, hash] = [last, sealed];
    return undefined;
  }

  for (;;) {
    // An entry that has a number has a seal: asked for in this order, also beside a sealer.
    const [numbered] = await queries.listChanges({ after: verified, limit: 1 });
    const seals = await queries.listSeals({ after: verified, limit: PAGE });
    for (const seal of seals) {
      const fault = await findFault(seal);
      if (fault) return report(fault);
    }
    if (seals.length > 0) continue;
    if (numbered) return report({ kind: 'seal removed', sequence: verified + 1 });
    return report(followed > verified ? { kind: 'removed', sequence: verified + 1 } : undefined);
  }
}

/** A rebuild goes on with the numbers of a log that is gone: on a seal of no entries. */
function isOfRebuild({ first, last, hash }: SealRow): boolean {
  return first === last + 1 && hash === hashBatch('', []);
}
