import { fromRandomAccessReaderPromise, type Entry, type ZipFile } from 'yauzl';
import { OciError } from '../../../../../pkg/oci/index.ts';
import { parseYaml } from '../../../../config/index.ts';
import { createFolderCheck } from './folders.ts';
import type { Inspection, ReadRange } from './inspection.ts';
import { RangedReader } from './ranged-reader.ts';

const MANIFEST = 'manifest.mf';
const LONGEST_MANIFEST = 256 * 1024;
const MOST_ENTRIES = 50_000;
const MOST_REASONS = 5;
const LONGEST_REASON = 200;
/** What unpacks to a thousand times its size, and much, is there to do harm. */
const HARMLESS_BYTES = 64 * 1024 * 1024;
const HARMLESS_RATIO = 1000;

const nothing = (reason: string): Inspection => ({ packageName: undefined, version: undefined, reasons: [reason] });

/** What is in a zip; whatever its bytes are is an answer. */
export async function inspectZip(readRange: ReadRange, sizeBytes: number): Promise<Inspection> {
  let zip: ZipFile;
  try {
    zip = await fromRandomAccessReaderPromise(new RangedReader(readRange, sizeBytes), sizeBytes, {
      lazyEntries: true,
      autoClose: false,
    });
  } catch (failure) {
    return unreadable(failure);
  }
  try {
    return await look(zip);
  } catch (failure) {
    return unreadable(failure);
  } finally {
    zip.close();
  }
}

/** The reader's words are about the bytes; what the registry says is about the registry. */
function unreadable(failure: unknown): Inspection {
  if (failure instanceof OciError) throw failure;
  return nothing(
    `it cannot be read as a zip: ${failure instanceof Error ? failure.message : ''}`.slice(0, LONGEST_REASON),
  );
}

async function look(zip: ZipFile): Promise<Inspection> {
  if (zip.entryCount > MOST_ENTRIES) return nothing(`it has more than ${MOST_ENTRIES} entries`);
  const reasons: string[] = [];
  const folders = createFolderCheck();
  let manifest: Entry | undefined;
  let [packed, unpacked] = [0, 0];
  const places: (readonly [start: number, end: number])[] = [];
  for await (const entry of zip.eachEntry()) {
    const reason = folders(entry.fileName) ?? (entry.isEncrypted() ? `${entry.fileName} is encrypted` : undefined);
    if (reason !== undefined && reasons.length < MOST_REASONS) reasons.push(reason.slice(0, LONGEST_REASON));
    packed += entry.compressedSize;
    unpacked += entry.uncompressedSize;
    places.push([entry.relativeOffsetOfLocalHeader, entry.relativeOffsetOfLocalHeader + entry.compressedSize]);
    if (entry.fileName === MANIFEST) manifest = entry;
  }
  if (unpacked > HARMLESS_BYTES && unpacked > packed * HARMLESS_RATIO)
    reasons.unshift('it unpacks to far more than it is');
  if (overlap(places)) reasons.unshift('its entries overlap');
  if (!manifest)
    return {
      ...nothing(`it has no ${MANIFEST} at its root`),
      reasons: [`it has no ${MANIFEST} at its root`, ...reasons],
    };
  const said = await readManifest(zip, manifest);
  return { ...said, reasons: [...said.reasons, ...reasons] };
}

function overlap(places: readonly (readonly [start: number, end: number])[]): boolean {
  const sorted = places.toSorted(([a], [b]) => a - b);
  return sorted.some(([start], at) => at > 0 && start < (sorted[at - 1]?.[1] ?? 0));
}

async function readManifest(zip: ZipFile, entry: Entry): Promise<Inspection> {
  if (entry.isEncrypted() || !entry.canDecodeFileData()) return nothing(`${MANIFEST} cannot be unpacked`);
  if (entry.uncompressedSize > LONGEST_MANIFEST) return nothing(`${MANIFEST} is larger than ${LONGEST_MANIFEST} bytes`);
  const chunks: Uint8Array[] = [];
  // The reader ends it where there is more than the directory says.
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array);
  let value: unknown;
  try {
    value = await parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)), 'failsafe');
  } catch {
    return nothing(`${MANIFEST} is neither JSON nor YAML`);
  }
  if (typeof value !== 'object' || value === null) return nothing(`${MANIFEST} is neither JSON nor YAML`);
  const { pkgName, version } = value as Readonly<Record<string, unknown>>;
  const [packageName, number] = [textOf(pkgName), textOf(version)];
  const reasons = [
    ...(packageName === undefined ? [`${MANIFEST} has no pkgName`] : []),
    ...(number === undefined ? [`${MANIFEST} has no version`] : []),
  ];
  return { packageName, version: number, reasons };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_REASON ? value : undefined;
