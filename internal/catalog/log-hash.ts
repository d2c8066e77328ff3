import { createHash } from 'node:crypto';
import type { ChangeRow } from './log-types.ts';

/** What of a sealed row goes into the hash of its batch. */
export interface HashedChange {
  readonly sequence: number;
  readonly time_ms: number;
  readonly action: string;
  /** Empty where the change is about no repository. */
  readonly repository: string;
  readonly name: string;
  readonly from_digest: string | null;
  readonly to_digest: string | null;
  readonly principal: string;
  readonly address: string;
  readonly request_id: string;
  readonly result: string;
  readonly detail: string | null;
}

/** An entry as it is read, in the words of its row. */
export function toHashed(change: ChangeRow): HashedChange {
  return {
    sequence: change.sequence,
    time_ms: change.timeMs,
    action: change.action,
    repository: change.repository ?? '',
    name: change.name,
    from_digest: change.from ?? null,
    to_digest: change.to ?? null,
    principal: change.by.principal,
    address: change.by.address,
    request_id: change.by.requestId,
    result: change.result,
    detail: change.detail ?? null,
  };
}

/** The hash of a batch of the log as it grows, row by row. */
export interface BatchHash {
  add(change: HashedChange): void;
  /** In hex; to be asked once. */
  digest(): string;
}

/**
 * The hash of a batch of the log: SHA-256 over lines that each end in a line feed. The first line is the hash of the
 * batch before (empty for the first batch); then one line a row, in order of sequence: a JSON array, without spaces, of
 * sequence, time in milliseconds, action, repository, name, from, to, principal, address and request id, `null` where
 * there is no from or to. A row whose result is not `done` or that has a detail has both after these; any other ends
 * there. So rows from before there were results hash as they always did, and no two rows share a line, since lines with
 * and without them differ in length. An audit recomputes it from the rows as they are read.
 */
export function createBatchHash(previous: string): BatchHash {
  const hash = createHash('sha256').update(`${previous}\n`);
  return { add: (change) => void hash.update(lineOf(change)), digest: () => hash.digest('hex') };
}

export function hashBatch(previous: string, changes: readonly HashedChange[]): string {
  const hash = createBatchHash(previous);
  for (const change of changes) hash.add(change);
  return hash.digest();
}

/** SHA-256, in hex, of the row's line alone. It is kept beside the row: a batch tells that one was altered, this which. */
export function hashChange(change: HashedChange): string {
  return createHash('sha256').update(lineOf(change)).digest('hex');
}

function lineOf(c: HashedChange): string {
  const what = [c.sequence, c.time_ms, c.action, c.repository, c.name, c.from_digest, c.to_digest];
  const who = [c.principal, c.address, c.request_id];
  const more = c.result === 'done' && c.detail === null ? [] : [c.result, c.detail];
  return `${JSON.stringify([...what, ...who, ...more])}\n`;
}
