/** How many rows a page may have: never negative, since that would mean all of them to SQLite. */
export function rowsOf(page: { readonly limit: number }): number {
  return Math.max(0, Math.trunc(page.limit));
}
