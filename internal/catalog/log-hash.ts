import { createHash } from 'node:crypto';

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

/**
 * The hash of a batch of the log: SHA-256, in hex, over lines that each end in a line feed. The first line is the hash
 * of the batch before (empty for the first batch); then one line a row, in order of sequence: a JSON array, without
 * spaces, of sequence, time in milliseconds, action, repository, name, from, to, principal, address and request id,
 * `null` where there is no from or to. A row whose result is not `done` or that has a detail has both after these; any
 * other ends there. So rows from before there were results hash as they always did, and no two rows share a line, since
 * lines with and without them differ in length. An audit recomputes it from the rows as they are read.
 */
export function hashBatch(previous: string, changes: readonly HashedChange[]): string {
  const hash = createHash('sha256').update(`${previous}\n`);
  for (const change of changes) hash.update(`${JSON.stringify(fieldsOf(change))}\n`);
  return hash.digest('hex');
}

function fieldsOf(c: HashedChange): readonly (string | number | null)[] {
  const what = [c.sequence, c.time_ms, c.action, c.repository, c.name, c.from_digest, c.to_digest];
  const who = [c.principal, c.address, c.request_id];
  return c.result === 'done' && c.detail === null ? [...what, ...who] : [...what, ...who, c.result, c.detail];
}
