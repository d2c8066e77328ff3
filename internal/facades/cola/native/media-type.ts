import type { OpenContent } from '../../../registry/index.ts';
import { beginsAsZip } from './package/look-inside.ts';

const START = { start: 0, end: 3 } as const;
export const typeOfStart = (bytes: Uint8Array): string =>
  beginsAsZip(bytes) ? 'application/zip' : 'application/octet-stream';

/** The media type under which a package is kept (contract 3.8). Closes the content. */
export async function mediaTypeOf(content: OpenContent): Promise<string> {
  if (content.kind === 'bytes') return typeOfStart(content.bytes);
  if (content.kind === 'elsewhere') return typeOfStart(new Uint8Array());
  try {
    const chunks: Uint8Array[] = [];
    if (content.sizeBytes > START.end) {
      for await (const chunk of content.content.read(START)) chunks.push(Buffer.from(chunk)); // it is only lent
    }
    return typeOfStart(Buffer.concat(chunks));
  } finally {
    await content.content.close();
  }
}
