import type { OldTree } from '../storage/index.ts';

/** So many files are looked at: at start nothing is scanned. */
const FILES_LOOKED_AT = 20;

/** Whether a folder was written by an older Octoserve and not imported yet. */
export async function looksLikeOldTree(tree: OldTree): Promise<boolean> {
  let looked = 0;
  for await (const file of tree.files()) {
    const { kind } = await tree.read(file);
    if (kind === 'manifest' || kind === 'pointer') return true;
    looked += 1;
    if (looked >= FILES_LOOKED_AT) return false;
  }
  return false;
}
