import type { Digest } from '../../pkg/oci/index.ts';
import type { Catalog, DamageKind, QuarantinedBlob } from '../catalog/index.ts';
import { findDamage, findKept, type KnownContent } from './damage.ts';
import { forEach } from './for-each.ts';
import { allOf } from './pages.ts';
import type { Problem } from './problem.ts';
import type { VerifyDeps } from './verify.ts';

const AT_ONCE = 16;
/** Contents that are read through at a time: more would only make a disk jump. */
const READ_AT_ONCE = 4;

const KINDS = {
  missing: 'blob missing',
  'wrong size': 'blob of wrong size',
  'wrong content': 'blob of wrong content',
} as const satisfies Record<DamageKind, Problem['kind']>;

/**
 * Looks whether storage has what the catalog knows. How many blobs that is. What is damaged is told: to quarantine it, and
 * to bring it back from elsewhere, is the scrub's.
 */
export async function checkContent(deps: VerifyDeps): Promise<number> {
  const { catalog, content, onProblem, onProgress } = deps;
  let blobs = 0;
  const quarantine = await readQuarantine(catalog);
  const rows = allOf(
    (page) => catalog.queries.listBlobs(page),
    ({ digest }) => digest,
  );
  await forEach(rows, content ? READ_AT_ONCE : AT_ONCE, async (blob) => {
    blobs += 1;
    onProgress.done(1);
    const problem = (await findProblem(deps, blob)) ?? (await judgeQuarantine(deps, quarantine.get(blob.digest)));
    if (problem) onProblem(problem);
  });
  return blobs;
}

async function readQuarantine({ queries }: Catalog): Promise<ReadonlyMap<Digest, QuarantinedBlob>> {
  const quarantine = new Map<Digest, QuarantinedBlob>();
  const rows = allOf(
    (page) => queries.listQuarantine(page),
    ({ digest }) => digest,
  );
  for await (const blob of rows) quarantine.set(blob.digest, blob);
  return quarantine;
}

async function findProblem(
  { storage, catalog, content }: VerifyDeps,
  blob: KnownContent,
): Promise<Problem | undefined> {
  const onRead = content ? () => undefined : undefined;
  if (!(await findDamage(storage.blobs, blob, onRead))) return undefined;
  // It may be removed just now, by who is meant to, or have been pushed again.
  const kept = await findKept(catalog, blob.digest);
  const damage = kept && (await findDamage(storage.blobs, kept, onRead));
  if (!damage) return undefined;
  const { problem, detail } = damage;
  return { kind: KINDS[problem], digest: blob.digest, ...(detail !== undefined && { detail }) };
}

/**
 * What was found damaged before is given to nobody, however it looks: until somebody has read all of it. Where it can be
 * let go it is read, also where other content is not.
 */
async function judgeQuarantine(
  { storage, catalog, content, repair, clock }: VerifyDeps,
  quarantined: QuarantinedBlob | undefined,
): Promise<Problem | undefined> {
  if (!quarantined) return undefined;
  const { digest, foundMs, problem } = quarantined;
  const by = { principal: 'octoserve verify', address: 'local', requestId: '' };
  const isSound = async (): Promise<boolean> =>
    content || (await findDamage(storage.blobs, quarantined, () => undefined).catch(() => true)) === undefined;
  const isLifted =
    repair && (await isSound()) && (await catalog.run('liftQuarantine', { by, nowMs: clock(), digest, foundMs }));
  const detail = `it was found with ${problem === 'missing' ? 'nothing there' : `the ${problem}`}`;
  return { kind: 'blob quarantined', digest, detail, ...(isLifted && { mended: true }) };
}
