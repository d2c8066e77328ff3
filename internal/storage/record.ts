import { findDigest, findRepositoryName, findTag } from '../../pkg/oci/index.ts';
import { StorageError, type ManifestRecord } from './types.ts';

const REPOSITORY = 'dev.octoserve.repository';
const NAME = 'dev.octoserve.name';
const TIME = 'dev.octoserve.time';
const SEQUENCE = 'dev.octoserve.sequence';

/** The record as it is kept: an OCI descriptor (image-spec: descriptor.md) in JSON, on one line. */
export function formatRecord(record: ManifestRecord): Uint8Array {
  const descriptor = {
    mediaType: record.mediaType,
    digest: record.digest,
    size: record.sizeBytes,
    annotations: {
      [REPOSITORY]: record.repository,
      [NAME]: record.name,
      [TIME]: new Date(record.timeMs).toISOString(),
      [SEQUENCE]: String(record.sequence),
    },
  };
  return Buffer.from(`${JSON.stringify(descriptor)}\n`);
}

/** The record in stored bytes; a StorageError says what is wrong with them. Members that it does not know are ignored. */
export function parseRecord(bytes: Uint8Array): ManifestRecord {
  const descriptor = members(parseJson(bytes));
  const annotations = members(descriptor['annotations']);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const name = text(annotations[NAME]);
  const time = text(annotations[TIME]);
  const record = {
    repository: findRepositoryName(text(annotations[REPOSITORY])) ?? reject('repository'),
    name: findTag(name) ?? findDigest(name) ?? reject('name'),
    digest: findDigest(text(descriptor['digest'])) ?? reject('digest'),
    mediaType: text(descriptor['mediaType']) || reject('mediaType'),
    sizeBytes: whole(descriptor['size']) ?? reject('size'),
    timeMs: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time) ? (whole(Date.parse(time)) ?? reject('time')) : reject('time'),
    sequence: whole(Number(text(annotations[SEQUENCE]) || NaN)) ?? reject('sequence'),
  };
  if (findDigest(name) && name !== record.digest) reject('name');
  return record;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new StorageError('broken', 'the record is not JSON', cause);
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function reject(member: string): never {
  throw new StorageError('broken', `the record has no valid ${member}`);
}
