import type { Entry, Key } from '../driver.ts';
import { findUploadId } from '../../../pkg/oci/index.ts';
import { uploadKey, UPLOADS } from '../layout.ts';
import type { Bucket } from './bucket.ts';
import type { Multiparts } from './multiparts.ts';
import type { Traces } from './traces.ts';

export interface ListDeps {
  readonly bucket: Pick<Bucket, 'list'>;
  readonly multiparts: Pick<Multiparts, 'list' | 'lastMs'>;
  readonly traces: Pick<Traces, 'take'>;
}

/**
 * Every upload once, whether it has pieces or only the parts of one that was never finished. Whoever discards what is in
 * the list has it looked for: there may be more than this process knows of, by others or of calls whose answers were lost.
 */
export async function* listUploads(deps: ListDeps): AsyncGenerator<Entry> {
  for await (const upload of findUploads(deps)) {
    deps.traces.take(upload.key);
    yield upload;
  }
}

async function* findUploads({ bucket, multiparts }: ListDeps): AsyncGenerator<Entry> {
  const begun = await listBegun(multiparts);
  let last: Entry | undefined;
  // Names come in order: the pieces of an upload follow each other.
  for await (const entry of bucket.list(`${UPLOADS}/`)) {
    const key = uploadOf(entry.key);
    if (last?.key === key) {
      last = joined(last, entry);
      continue;
    }
    if (last) yield last;
    last = joined({ key, sizeBytes: 0, modifiedMs: begun.get(key) ?? 0 }, entry);
    begun.delete(key);
  }
  if (last) yield last;
  for (const [key, modifiedMs] of begun) yield { key, sizeBytes: 0, modifiedMs };
}

/** When there last came a part, by upload. There are as many as requests at work, or cut off since the last sweep. */
async function listBegun(multiparts: ListDeps['multiparts']): Promise<Map<Key, number>> {
  const begun = new Map<Key, number>();
  for await (const multipart of multiparts.list(`${UPLOADS}/`)) {
    const key = uploadOf(multipart.key);
    const lastMs = (await multiparts.lastMs(multipart)) ?? multipart.begunMs;
    begun.set(key, Math.max(begun.get(key) ?? 0, lastMs));
  }
  return begun;
}

/** The upload that a piece belongs to; what is no piece is listed as it is. */
function uploadOf(key: Key): Key {
  const id = findUploadId(key.split('/')[1] ?? '');
  return id ? uploadKey(id) : key;
}

function joined(upload: Entry, { sizeBytes, modifiedMs }: Entry): Entry {
  return {
    key: upload.key,
    sizeBytes: upload.sizeBytes + sizeBytes,
    modifiedMs: Math.max(upload.modifiedMs, modifiedMs),
  };
}
