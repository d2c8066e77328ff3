import * as z from 'zod';

const MOST = 1000;
const SOME = 100;

/** The query of a list that pages by name. */
export const PAGE_QUERY = z.strictObject({
  n: z
    .string()
    .regex(/^\d{1,40}$/)
    .transform((text) => Math.min(Number(text), MOST))
    .optional()
    .describe(`The most entries of an answer: ${SOME} where it is not given, and ${MOST} at most`),
  last: z.string().max(300).optional().describe('Where the last page ended: its `next`'),
});

export interface NamedPage<Row> {
  readonly rows: readonly Row[];
  /** Where the next page goes on; undefined: this was the last. */
  readonly next: string | undefined;
}

/** One page of what `list` gives by name. */
export async function pageOf<Row extends { readonly name: string }>(
  { n = SOME, last }: z.infer<typeof PAGE_QUERY>,
  list: (page: { readonly after: string | undefined; readonly limit: number }) => Promise<readonly Row[]>,
): Promise<NamedPage<Row>> {
  if (n === 0) return { rows: [], next: undefined };
  const found = await list({ after: last, limit: n + 1 });
  const rows = found.slice(0, n);
  return { rows, next: found.length > n ? rows.at(-1)?.name : undefined };
}
