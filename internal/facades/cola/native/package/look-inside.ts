import type { Inspection, ReadRange } from './inspection.ts';

const SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');

/** Whether bytes begin as a zip does that holds something. */
export const beginsAsZip = (bytes: Uint8Array): boolean => SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));

/**
 * Looks into a package as command-launcher does (contract, section 10): a zip with `manifest.mf` at its root, and every
 * folder named before the files in it. Reads the directory at its end and that one file, whatever the size of the rest.
 * What storage cannot give is thrown; whatever the bytes are is an answer.
 */
export async function inspectPackage(readRange: ReadRange, sizeBytes: number): Promise<Inspection> {
  if (!beginsAsZip(await readStart(readRange, sizeBytes))) {
    return { packageName: undefined, version: undefined, reasons: ['it is not a zip'] };
  }
  const { inspectZip } = await import('./inspect-zip.ts'); // the reader of zips comes with the first one
  return inspectZip(readRange, sizeBytes);
}

async function readStart(readRange: ReadRange, sizeBytes: number): Promise<Uint8Array> {
  if (sizeBytes < SIGNATURE.length) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  for await (const chunk of readRange({ start: 0, end: SIGNATURE.length - 1 })) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
