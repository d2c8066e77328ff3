import { findDigest, type Digest } from '../../pkg/oci/index.ts';
import { gather } from './content.ts';
import type { Objects } from './driver.ts';
import { blobKey, childKey, MANIFESTS } from './layout.ts';
import { parseRecord } from './record.ts';
import { StorageError, type Content } from './types.ts';

/** A file that an older Octoserve kept for a tag or a digest. */
export interface OldFile {
  /** The folder: the repository's name with `_` for `/`, so that nobody can tell which `_` was one. */
  readonly folder: string;
  /** The file's own name: a tag or a digest. */
  readonly name: string;
}

export type OldContent =
  | Readonly<{ kind: 'manifest'; bytes: Uint8Array }>
  /** The digest of a manifest, instead of a copy of it. */
  | Readonly<{ kind: 'pointer'; digest: Digest }>
  /** A record as it is kept now. */
  | Readonly<{ kind: 'record' }>
  | Readonly<{ kind: 'unknown'; reason: string }>;

/**
 * The folder of an older Octoserve (octoserve contract, section 6): blobs where they are now, but below `manifests/`
 * the manifests themselves. It is only read.
 */
export interface OldTree {
  /** Every file in a folder below `manifests/`, in no order. */
  files(): AsyncIterable<OldFile>;
  read(file: OldFile): Promise<OldContent>;
  openBlob(digest: Digest): Promise<Content | undefined>;
}

/** No registry accepts a manifest of this size. */
const LARGEST_BYTES = 64 * 1024 * 1024;

export function createOldTree(objects: Pick<Objects, 'list' | 'open'>): OldTree {
  async function* files(): AsyncGenerator<OldFile> {
    for await (const { key } of objects.list(MANIFESTS)) {
      const [folder = '', ...name] = key.slice(MANIFESTS.length + 1).split('/');
      if (name.length > 0) yield { folder, name: name.join('/') };
    }
  }

  async function read({ folder, name }: OldFile): Promise<OldContent> {
    const content = await objects.open(childKey(childKey(MANIFESTS, folder), name));
    const bytes = content && (await gather(content, LARGEST_BYTES));
    return bytes ? classify(bytes) : { kind: 'unknown', reason: content ? 'it is too large' : 'it is gone' };
  }

  return { files, read, openBlob: (digest) => objects.open(blobKey(digest)) };
}

function classify(bytes: Uint8Array): OldContent {
  const text = Buffer.from(bytes).toString();
  const digest = findDigest(text.trim());
  if (digest) return { kind: 'pointer', digest };
  if (isRecord(bytes)) return { kind: 'record' };
  const looksLikeManifest = text.trimStart().startsWith('{') && text.includes('"schemaVersion"');
  return looksLikeManifest ? { kind: 'manifest', bytes } : { kind: 'unknown', reason: 'it is no manifest' };
}

function isRecord(bytes: Uint8Array): boolean {
  try {
    parseRecord(bytes);
    return true;
  } catch (failure) {
    if (failure instanceof StorageError) return false;
    throw failure;
  }
}
