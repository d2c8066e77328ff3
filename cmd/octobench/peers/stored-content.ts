import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodedOf, type Digest } from '../../../pkg/oci/index.ts';

/** Writes content where our server keeps it (internal/storage/layout.ts), but not synced. */
export async function writeContent(folder: string, digest: Digest, bytes: Uint8Array): Promise<void> {
  const hex = encodedOf(digest);
  const path = join(folder, 'blobs/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}
