import { DatabaseError } from 'pg';
import { CatalogError, type CatalogFailure } from '../types.ts';

/** The connection is gone: what it was doing was not committed, unless it was at COMMIT just then. */
export class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super(`the connection to PostgreSQL was lost: ${textOf(cause)}`, { cause });
    this.name = 'ConnectionLost';
  }
}

/** The connection went while COMMIT was under way: whether it was committed nobody knows. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('the connection to PostgreSQL was lost while it committed', { cause });
    this.name = 'OutcomeUnknown';
  }
}

/** No connection was to be had: nothing was done. */
export class NoConnection extends Error {
  constructor(cause: unknown) {
    super(`no connection to PostgreSQL was to be had: ${textOf(cause)}`, { cause });
    this.name = 'NoConnection';
  }
}

/**
 * `again`: another transaction was in the way, and the next attempt meets what it left. `lost`: the connection is of no
 * use any more, another may be. The rest says what a caller is told.
 */
export type Verdict = 'again' | 'lost' | 'unknown' | CatalogFailure;

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const VERDICTS: Readonly<Record<string, Verdict>> = {
  '23503': 'again', // foreign_key_violation: what a row refers to went since it was looked at
  '23505': 'again', // unique_violation: likewise, it came
  '25006': 'lost', // read_only_sql_transaction: this is a standby by now
  '25P03': 'lost', // idle_in_transaction_session_timeout
  '40001': 'again', // serialization_failure
  '40P01': 'again', // deadlock_detected
  '53100': 'full', // disk_full
  '55P03': 'busy', // lock_not_available
  '57014': 'busy', // query_canceled, by statement_timeout
  '57P01': 'lost', // admin_shutdown
  '57P02': 'lost', // crash_shutdown
  '57P03': 'lost', // cannot_connect_now
  '57P05': 'lost', // idle_session_timeout
};
const CLASSES: Readonly<Record<string, Verdict>> = { '08': 'lost', '53': 'busy' };

/** The code of what the server itself said. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

export function judge(error: unknown): Verdict {
  if (error instanceof CatalogError) return error.failure;
  if (error instanceof OutcomeUnknown) return 'unknown';
  if (error instanceof ConnectionLost || error instanceof NoConnection) return 'lost';
  const state = sqlStateOf(error) ?? '';
  return VERDICTS[state] ?? CLASSES[state.slice(0, 2)] ?? 'broken';
}

/** Any failure as the catalog's own: what PostgreSQL said, or what a bug threw, stays in the message and the cause. */
export function toCatalogError(error: unknown): CatalogError {
  if (error instanceof CatalogError) return error;
  return new CatalogError(failureOf(error), textOf(error), error);
}

function failureOf(error: unknown): CatalogFailure {
  const verdict = judge(error);
  // A row that stays in the way over many attempts is no other transaction's.
  if (verdict === 'again') return sqlStateOf(error)?.startsWith('23') ? 'broken' : 'busy';
  return verdict === 'lost' || verdict === 'unknown' ? 'busy' : verdict;
}

export function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** The code of what the system, TLS or Node said. */
export function systemCodeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
