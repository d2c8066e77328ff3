import type { PageOf } from '../types.ts';

/** How many rows a page may have: never negative, since that would mean all of them to SQLite. */
export function rowsOf(page: { readonly limit: number }): number {
  return Math.max(0, Math.trunc(page.limit));
}

/**
 * The text that a page goes on from. It ends before a NUL, which PostgreSQL's text cannot hold: no name or digest has one,
 * so what comes after is the same.
 */
export function placeOf({ after = '' }: Pick<PageOf<string>, 'after'>): string {
  return after.split('\0', 1)[0] ?? '';
}
