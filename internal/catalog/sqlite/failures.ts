import { CatalogError, type CatalogFailure } from '../types.ts';

// https://sqlite.org/rescode.html: the low byte is the primary code.
const BUSY = new Set([5, 6]);
const FULL = 13;

function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** Whether another connection was in the way, so that trying again can help. */
export function isBusy(error: unknown): boolean {
  if (error instanceof CatalogError) return error.failure === 'busy';
  const code = codeOf(error);
  return code !== undefined && BUSY.has(code);
}

/** Any failure as the catalog's own: what SQLite said, or what a bug threw, stays in the message and the cause. */
export function toCatalogError(error: unknown): CatalogError {
  if (error instanceof CatalogError) return error;
  return new CatalogError(failureOf(error), error instanceof Error ? error.message : String(error), error);
}

function failureOf(error: unknown): CatalogFailure {
  if (isBusy(error)) return 'busy';
  return codeOf(error) === FULL ? 'full' : 'broken';
}
