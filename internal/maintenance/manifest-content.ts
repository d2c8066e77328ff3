import { algorithmOf, digestOf, OciError, parseManifest, type Digest, type Manifest } from '../../pkg/oci/index.ts';
import { factsOf, type ManifestFacts } from '../registry/index.ts';
import type { BlobReader } from '../storage/index.ts';

export type ManifestContent =
  | Readonly<{ kind: 'facts'; facts: ManifestFacts; manifest: Manifest; bytes: Uint8Array }>
  | Readonly<{ kind: 'unreadable'; reason: string }>;

interface Asked {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** What a manifest's stored bytes say, if they are what their digest says and a manifest of that media type. */
export async function readManifest(blobs: BlobReader, asked: Asked): Promise<ManifestContent> {
  const bytes = await readBytes(blobs, asked);
  if (typeof bytes === 'string') return { kind: 'unreadable', reason: bytes };
  try {
    const manifest = parseManifest(bytes, asked.mediaType);
    return { kind: 'facts', facts: factsOf(manifest), manifest, bytes };
  } catch (failure) {
    if (!(failure instanceof OciError)) throw failure;
    return { kind: 'unreadable', reason: [failure.message, ...failure.detail].join(': ') };
  }
}

async function readBytes(blobs: BlobReader, { digest, sizeBytes }: Asked): Promise<Uint8Array | string> {
  const content = await blobs.open(digest);
  if (!content) return 'its content is missing';
  try {
    if (content.sizeBytes !== sizeBytes) return `its content has ${content.sizeBytes} bytes, not ${sizeBytes}`;
    const bytes = new Uint8Array(sizeBytes);
    let at = 0;
    for await (const chunk of content.read()) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return digestOf(bytes, algorithmOf(digest)) === digest ? bytes : 'its content is not what its digest says';
  } finally {
    await content.close();
  }
}
