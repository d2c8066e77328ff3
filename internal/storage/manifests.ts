import { gather } from './content.ts';
import type { Key, Objects } from './driver.ts';
import { findStored, MANIFESTS, recordKey } from './layout.ts';
import { formatRecord, parseRecord } from './record.ts';
import {
  StorageError,
  type ManifestReader,
  type ManifestRecord,
  type ManifestStore,
  type RecordName,
} from './types.ts';

/** Far more than the largest name, digest and media type together need. */
const RECORD_BYTES = 16 * 1024;

/** Told of each entry that `walk` and `names` leave out since it is no record, or not the record of that place. */
export type OnSkipped = (key: string, reason: string) => void;

type Readable = Pick<Objects, 'open' | 'list' | 'keys'>;

export function createManifestReader(objects: Readable, onSkipped: OnSkipped = () => undefined): ManifestReader {
  async function read(key: Key): Promise<ManifestRecord | undefined> {
    const content = await objects.open(key);
    if (!content) return undefined;
    const bytes = await gather(content, RECORD_BYTES);
    if (!bytes) throw new StorageError('broken', 'the record is too large');
    const record = parseRecord(bytes);
    if (recordKey(record.repository, record.name) !== key) {
      throw new StorageError('broken', 'the record is that of another name');
    }
    return record;
  }

  async function* names(): AsyncGenerator<RecordName> {
    for await (const { key } of objects.keys?.(MANIFESTS) ?? objects.list(MANIFESTS)) {
      const stored = findStored(key);
      if (stored?.kind === 'record') yield { repository: stored.repository, name: stored.name };
      else onSkipped(key, 'not the name of a record');
    }
  }

  async function* walk(): AsyncGenerator<ManifestRecord> {
    for await (const { repository, name } of names()) {
      const key = recordKey(repository, name);
      const record = await read(key).catch((failure: unknown) => {
        if (!(failure instanceof StorageError) || failure.failure !== 'broken') throw failure;
        onSkipped(key, failure.message);
      });
      if (record) yield record; // without one it was skipped, or removed since it was listed
    }
  }

  return { get: (repository, name) => read(recordKey(repository, name)), walk, names };
}

export function createManifestStore(objects: Objects, onSkipped?: OnSkipped): ManifestStore {
  return {
    ...createManifestReader(objects, onSkipped),
    put: (record) => objects.put(recordKey(record.repository, record.name), formatRecord(record)),
    remove: (repository, name) => objects.remove(recordKey(repository, name)),
  };
}
