import * as z from 'zod';
import { findRepositoryName, type RepositoryName } from '../../../pkg/oci/index.ts';
import {
  CHANGE_ACTIONS,
  CHANGE_RESULTS,
  findAuditKey,
  formatAuditKey,
  toAuditEntry,
  type AuditFilter,
  type AuditKey,
  type AuditPage,
} from '../../auth/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

export interface AuditDeps {
  readonly listAudit: (
    filter: AuditFilter,
    page: { readonly after?: AuditKey | undefined; readonly limit: number },
  ) => Promise<AuditPage>;
}

const MOST = 1000;
const SOME = 100;

const moment = (which: string) =>
  z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .optional()
    .describe(which);

const QUERY = z.strictObject({
  principal: z.string().max(300).optional().describe('Only what it did, for example user:alice'),
  action: z.enum(CHANGE_ACTIONS).optional().describe('Only this, for example signin'),
  repository: z
    .string()
    .refine((text) => findRepositoryName(text) !== undefined, 'Invalid repository name')
    .transform((text) => text as RepositoryName) // found to be one
    .optional()
    .describe('Only what is about it'),
  result: z.enum(CHANGE_RESULTS).optional().describe('Only what ended so'),
  since: moment('The first moment, as in 2026-01-31T10:00:00Z'),
  until: moment('The first moment that is too late'),
  n: z
    .string()
    .regex(/^\d{1,40}$/)
    .transform((text) => Math.min(Number(text), MOST))
    .optional()
    .describe(`The most entries of an answer: ${SOME} where it is not given, and ${MOST} at most`),
  last: z
    .string()
    .refine((text) => findAuditKey(text) !== undefined, 'Invalid place')
    .transform((text) => findAuditKey(text))
    .optional()
    .describe('Where the last page ended: its `next`'),
});

const ENTRY = z.object({
  sequence: z.int().optional().describe('Its place in the sealed chain, once it has one'),
  time: z.iso.datetime(),
  principal: z.string(),
  address: z.string(),
  request_id: z.string(),
  action: z.enum(CHANGE_ACTIONS),
  result: z.enum(CHANGE_RESULTS),
  repository: z.string().optional(),
  name: z.string().describe('What it was done to'),
  from: z.string().optional().describe('What a tag pointed at before'),
  to: z.string().optional().describe('What it points at since'),
  detail: z.record(z.string(), z.unknown()).optional(),
});
const PAGE = z.object({
  entries: z.array(ENTRY),
  next: z.string().optional().describe('Where the next page goes on; a page may be short, even empty, and have one'),
});

/** Who did what, and who was refused what: the log of changes, newest first. */
export function auditRoute({ listAudit }: AuditDeps): AdminRoute {
  return defineRoute({
    method: 'GET',
    path: '/admin/audit',
    visibility: 'admin',
    summary: 'List who did what, from where and with what result, newest first',
    query: QUERY,
    answers: {
      200: { description: 'A page of entries', json: PAGE, headers: { Link: 'The next page, where there is one' } },
    },
    handle: async ({ query }, exchange) => {
      const { n = SOME, last, since, until, ...filter } = query;
      const page = await listAudit(
        { ...filter, sinceMs: since, untilMs: until },
        { after: last, limit: Math.max(1, n) },
      );
      const next = page.next && formatAuditKey(page.next);
      exchange.respondJson(
        200,
        { entries: page.rows.map(toAuditEntry), next },
        { link: next && linkTo(next, exchange) },
      );
    },
  });
}

/** RFC 8288 link to the page after; what was asked for goes along. */
function linkTo(next: string, { path, query }: { readonly path: string; readonly query: URLSearchParams }): string {
  const asked = new URLSearchParams(query);
  asked.set('last', next);
  return `<${path}?${asked.toString()}>; rel="next"`;
}
