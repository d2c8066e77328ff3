import type { PageOf } from '../catalog/index.ts';

const ROWS_A_PAGE = 500;

/** All rows of a list that pages by key: what is added or removed meanwhile may be met or not, everything else is. */
export async function* allOf<Row>(
  list: (page: PageOf<string>) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): AsyncGenerator<Row> {
  for (let after: string | undefined; ;) {
    const rows = await list({ after, limit: ROWS_A_PAGE });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = keyOf(last);
  }
}
