import type { StoredBlob } from '../storage/index.ts';
import { forEach } from './for-each.ts';
import type { VerifyDeps } from './verify.ts';

const AT_ONCE = 16;
/** So many are remembered until the end of the walk, to be asked for once more. */
const REMEMBERED = 100_000;

/**
 * Looks for content that no row knows. What is being pushed just now is in its place before its row is: so everything is
 * asked for again at the end.
 */
export async function checkOrphans({
  storage,
  catalog,
  onOrphan,
  onProgress,
}: VerifyDeps): Promise<{ readonly orphans: number; readonly orphanBytes: number }> {
  let [orphans, orphanBytes] = [0, 0];
  const waiting: StoredBlob[] = [];
  const isKnown = async ({ digest }: StoredBlob): Promise<boolean> =>
    (await catalog.queries.findContent(digest)) !== undefined;

  async function judge(suspected: readonly StoredBlob[]): Promise<void> {
    await forEach(suspected, AT_ONCE, async (blob) => {
      if (await isKnown(blob)) return;
      orphans += 1;
      orphanBytes += blob.sizeBytes;
      onOrphan({ digest: blob.digest, sizeBytes: blob.sizeBytes });
    });
  }

  await forEach(storage.blobs.walk(), AT_ONCE, async (blob) => {
    onProgress.done(1);
    if (await isKnown(blob)) return;
    waiting.push(blob);
    if (waiting.length >= REMEMBERED) await judge(waiting.splice(0));
  });
  await judge(waiting);
  return { orphans, orphanBytes };
}
