import { StorageError, type ManifestReader, type ManifestRecord, type RecordName } from '../storage/index.ts';

export type FoundRecord =
  | Readonly<{ kind: 'record'; record: ManifestRecord }>
  | Readonly<{ kind: 'absent' }>
  | Readonly<{ kind: 'unreadable'; reason: string }>;

/** The record of a name. Storage that cannot answer just now throws: that says nothing about the record. */
export async function readRecord(manifests: ManifestReader, { repository, name }: RecordName): Promise<FoundRecord> {
  try {
    const record = await manifests.get(repository, name);
    return record ? { kind: 'record', record } : { kind: 'absent' };
  } catch (failure) {
    if (!(failure instanceof StorageError) || failure.failure !== 'broken') throw failure;
    return { kind: 'unreadable', reason: failure.message };
  }
}
