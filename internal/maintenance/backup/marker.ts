import { findDigest, type Digest } from '../../../pkg/oci/index.ts';
import { findBackupName, type BackupName } from '../../storage/index.ts';
import { BackupError } from './backup-error.ts';

/** A backup that is finished: what its description says. Times are milliseconds since 1970. */
export interface Backup {
  readonly name: BackupName;
  readonly startedMs: number;
  readonly finishedMs: number;
  /** The version of the program, and the machine, that made it. */
  readonly program: string;
  readonly host: string;
  readonly dump: {
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly rows: Readonly<Record<string, number>>;
  };
  /** What the dump names. */
  readonly content: { readonly blobs: number; readonly bytes: number };
  /** What of that had to be copied. */
  readonly copied: { readonly blobs: number; readonly bytes: number };
  /** Content that the dump names and the storage had not, or not as it should be. */
  readonly lacking: readonly Lacking[];
}

export interface Lacking {
  readonly digest: Digest;
  readonly reason: string;
}

/** Counts up when what is kept means something else; a reader of another version would take it for what it is not. */
const VERSION = 1;

export function formatMarker({ startedMs, finishedMs, ...backup }: Backup): Uint8Array {
  const [started, finished] = [startedMs, finishedMs].map((ms) => new Date(ms).toISOString());
  const { name, program, host, ...rest } = backup;
  const document = { octoserve: 'backup', version: VERSION, name, started, finished, program, host, ...rest };
  return Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`);
}

/** Throws a BackupError where it is damaged, or a later version's. */
export function parseMarker(bytes: Uint8Array, name: BackupName): Backup {
  const document = parseObject(bytes, name);
  const damaged = (what: string): BackupError => new BackupError('damaged', `backup ${name} is damaged: ${what}`);
  if (document['octoserve'] !== 'backup') throw damaged('its description is none');
  if (typeof document['version'] === 'number' && document['version'] > VERSION) {
    throw new BackupError('newer', `backup ${name} was made by a later version of Octoserve: restore it with that one`);
  }
  const [dump, content, copied] = ['dump', 'content', 'copied'].map((key) => membersOf(document[key]));
  const count = (members: Members | undefined, key: string): number => {
    const value = members?.[key];
    if (!Number.isSafeInteger(value)) throw damaged(`its description does not say ${key}`);
    return Number(value);
  };
  const text = (members: Members | undefined, key: string): string => {
    const value = members?.[key];
    if (typeof value !== 'string') throw damaged(`its description does not say ${key}`);
    return value;
  };
  const time = (key: string): number => {
    const ms = Date.parse(text(document, key));
    if (Number.isNaN(ms)) throw damaged(`its description does not say ${key}`);
    return ms;
  };
  if (findBackupName(text(document, 'name')) !== name) throw damaged('its description is of another backup');
  const rows = membersOf(dump?.['rows']);
  const lacking = Array.isArray(document['lacking']) ? document['lacking'] : undefined;
  return {
    name,
    startedMs: time('started'),
    finishedMs: time('finished'),
    program: text(document, 'program'),
    host: text(document, 'host'),
    dump: {
      sizeBytes: count(dump, 'sizeBytes'),
      sha256: text(dump, 'sha256'),
      rows: Object.fromEntries(Object.keys(rows).map((kind) => [kind, count(rows, kind)])),
    },
    content: { blobs: count(content, 'blobs'), bytes: count(content, 'bytes') },
    copied: { blobs: count(copied, 'blobs'), bytes: count(copied, 'bytes') },
    lacking: (lacking ?? []).map((each) => {
      const digest = findDigest(text(membersOf(each), 'digest'));
      if (!digest) throw damaged('its description lists something that is no digest');
      return { digest, reason: text(membersOf(each), 'reason') };
    }),
  };
}

type Members = Readonly<Record<string, unknown>>;

function parseObject(bytes: Uint8Array, name: BackupName): Members {
  try {
    return membersOf(JSON.parse(Buffer.from(bytes).toString()));
  } catch (cause) {
    throw new BackupError('damaged', `backup ${name} is damaged: its description is not JSON`, cause);
  }
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
