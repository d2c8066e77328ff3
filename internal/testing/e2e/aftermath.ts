import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { digestOf, parseManifest } from '../../../pkg/oci/index.ts';
import type { Sample } from '../images.ts';
import type { Ledger, OpenUpload } from './ledger.ts';

/** Compares what a server has with what one that died had promised. A complaint is a line that says what is wrong. */
export interface Aftermath {
  /** Content that is not, byte for byte, what was pushed there. */
  findLost(content: Iterable<readonly [string, Sample]>): Promise<readonly string[]>;
  /** Tags that point at nothing, at something incomplete, or where nobody put them; the others' ledger is narrowed. */
  findWrongTags(ledger: Ledger): Promise<readonly string[]>;
  /** Uploads that are not where they may be, or of which the data folder has less than the session tells. */
  findWrongUploads(ledger: Ledger): Promise<readonly string[]>;
  /** Goes on with an upload that was cut off; `held`: the request that died still has it. */
  resume(upload: OpenUpload, ledger: Ledger): Promise<'done' | 'held'>;
}

/** A server or what stands before several; with its data folder, where it has one. */
export interface Survivor {
  readonly url: string;
  readonly folder?: string;
}

const AT_ONCE = 8;

const blobPathOf = ({ repository, sample }: OpenUpload): string => `/v2/${repository}/blobs/${sample.digest}`;

/** The bytes that an upload session has, by its Range header; here no part is of a single byte. */
function offsetIn(headers: Headers): number {
  const last = Number(/^0-(\d+)$/.exec(headers.get('range') ?? '')?.[1]);
  return last === 0 ? 0 : last + 1;
}

/** What is wrong with each of the things, several of them looked at at once. */
async function collect<T>(
  things: Iterable<T>,
  complain: (thing: T) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const waiting = [...things];
  const complaints: string[] = [];
  const work = async (): Promise<void> => {
    for (let thing = waiting.pop(); thing !== undefined; thing = waiting.pop()) {
      const complaint = await complain(thing);
      if (complaint !== undefined) complaints.push(complaint);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return complaints;
}

export function createAftermath({ url: root, folder }: Survivor): Aftermath {
  async function get(path: string): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
    const response = await fetch(new URL(path, root));
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  async function findLoss(path: string, sample: Sample): Promise<string | undefined> {
    const { status, bytes } = await get(path);
    return status === 200 && bytes.equals(sample.bytes) ? undefined : `${path}: ${status}, ${bytes.length} bytes`;
  }

  async function findWrongTag(ledger: Ledger, path: string): Promise<string | undefined> {
    const { status, headers, bytes } = await get(path);
    if (status === 404 && !ledger.ackedTags.has(path)) return undefined;
    if (status !== 200) return `${path}: ${status}`;
    const digest = digestOf(bytes);
    if (!ledger.tags.get(path)?.has(digest)) return `${path}: points at ${digest}, which nobody can have put there`;
    ledger.tags.set(path, new Set([digest]));
    ledger.ackedTags.add(path);
    const { config, layers } = parseManifest(bytes, headers.get('content-type') ?? undefined);
    for (const blob of [config, ...layers]) {
      const content = await get(path.replace(/manifests\/.*/, `blobs/${blob?.digest}`));
      if (content.status !== 200 || digestOf(content.bytes) !== blob?.digest) return `${path}: lacks ${blob?.digest}`;
    }
    return undefined;
  }

  async function findWrongUpload(upload: OpenUpload): Promise<string | undefined> {
    const { path, sample, ackedBytes, finishing } = upload;
    const { status, headers } = await get(path);
    if (status === 404 && finishing) return findLoss(blobPathOf(upload), sample);
    if (status !== 204) return `${path}: ${status}`;
    const offset = offsetIn(headers);
    if (!(offset >= ackedBytes)) return `${path}: at ${offset}, after ${ackedBytes} were acknowledged`;
    if (offset === 0 || folder === undefined) return undefined;
    const onDisk = await readFile(join(folder, 'uploads', basename(path)));
    if (onDisk.length < offset) return `${path}: at ${offset}, with ${onDisk.length} bytes on disk`;
    const isSame = onDisk.subarray(0, offset).equals(sample.bytes.subarray(0, offset));
    return isSame ? undefined : `${path}: other bytes on disk`;
  }

  return {
    findLost: (content) => collect(content, ([path, sample]) => findLoss(path, sample)),
    findWrongTags: (ledger) => collect(ledger.tags.keys(), (path) => findWrongTag(ledger, path)),
    findWrongUploads: (ledger) => collect(ledger.uploads.values(), findWrongUpload),
    async resume(upload, ledger) {
      const { path, sample } = upload;
      const { status, headers } = await get(path);
      if (status === 404) return 'done';
      const rest = sample.bytes.subarray(offsetIn(headers)) as Buffer<ArrayBuffer>;
      const url = new URL(`${path}?digest=${sample.digest}`, root);
      const response = await fetch(url, { method: 'PUT', body: rest });
      // Told where the upload is, as asked: it is another's just now.
      if (response.status === 416 && response.headers.get('range') === headers.get('range')) return 'held';
      if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      ledger.content.set(blobPathOf(upload), sample);
      return 'done';
    },
  };
}
