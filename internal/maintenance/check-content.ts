import { createHash } from 'node:crypto';
import { algorithmOf, encodedOf, type Digest } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { BlobReader, Content } from '../storage/index.ts';
import { forEach } from './for-each.ts';
import { allOf } from './pages.ts';
import type { Problem } from './problem.ts';
import type { VerifyDeps } from './verify.ts';

const AT_ONCE = 16;
/** Contents that are read through at a time: more would only make a disk jump. */
const READ_AT_ONCE = 4;

/** Looks whether storage has what the catalog knows. How many blobs that is. */
export async function checkContent({ storage, catalog, content, onProblem, onProgress }: VerifyDeps): Promise<number> {
  let blobs = 0;
  const rows = allOf(
    (page) => catalog.queries.listBlobs(page),
    ({ digest }) => digest,
  );
  await forEach(rows, content ? READ_AT_ONCE : AT_ONCE, async ({ digest, sizeBytes }) => {
    const look = (): Promise<Problem | undefined> => findDamage(storage.blobs, digest, sizeBytes, content);
    blobs += 1;
    onProgress.done(1);
    if (!(await look())) return;
    // It may be removed just now, by who is meant to, or have been pushed again.
    const problem = (await isKept(catalog, digest)) && (await look());
    if (problem) onProblem(problem);
  });
  return blobs;
}

/** Whether the catalog has the content and nobody is about to remove it. */
async function isKept({ queries }: Catalog, digest: Digest): Promise<boolean> {
  const [found] = await queries.listBlobs({ after: digest.slice(0, -1), limit: 1 });
  return found?.digest === digest;
}

async function findDamage(
  blobs: BlobReader,
  digest: Digest,
  sizeBytes: number,
  readsIt: boolean,
): Promise<Problem | undefined> {
  const stored = await blobs.stat(digest);
  if (!stored) return { kind: 'blob missing', digest };
  if (stored.sizeBytes !== sizeBytes) {
    return { kind: 'blob of wrong size', digest, detail: `it has ${stored.sizeBytes} bytes, not ${sizeBytes}` };
  }
  const content = readsIt ? await blobs.open(digest) : undefined;
  return !content || (await isAsPushed(content, digest)) ? undefined : { kind: 'blob of wrong content', digest };
}

/** Reads content through, and closes it: whether it is what its digest says. */
export async function isAsPushed(content: Content, digest: Digest): Promise<boolean> {
  try {
    const hash = createHash(algorithmOf(digest));
    for await (const chunk of content.read()) hash.update(chunk);
    return hash.digest('hex') === encodedOf(digest);
  } finally {
    await content.close();
  }
}
