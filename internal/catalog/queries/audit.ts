import { sql, type Kysely } from 'kysely';
import type { RepositoryName } from '../../../pkg/oci/index.ts';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import {
  CONTENT_ACTIONS,
  type AuditFilter,
  type AuditKey,
  type AuditPage,
  type AuditRow,
  type PageOf,
} from '../types.ts';
import { toEntry } from './changes.ts';
import { rowsOf } from './page.ts';

interface Span {
  /** Entries that come before this one by time, newest first. */
  readonly beforeMs: number;
  readonly beforeId: number;
  readonly sinceMs: number;
  readonly limit: number;
}
type Spanned = { readonly [Name in keyof Span]: Span[Name] };

const within = (q: Kysely<Schema>, p: Span) =>
  q
    .selectFrom('changes')
    .select(['id', 'sequence', 'time_ms', 'action', 'repository', 'name', 'from_digest', 'to_digest'])
    .select(['principal', 'address', 'request_id', 'result', 'detail'])
    .where((eb) => eb(eb.refTuple('time_ms', 'id'), '<', eb.tuple(p.beforeMs, p.beforeId)))
    .where('time_ms', '>=', p.sinceMs)
    .orderBy('time_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit);

const ofAll = statement<Spanned>()(within);

const ofPrincipal = statement<Spanned & { principal: string }>()((q, p) =>
  within(q, p).where('principal', '=', p.principal),
);

// Conditions are spelled as in the indexes that serve them.
const ofRepository = statement<Spanned & { repository: RepositoryName }>()((q, p) =>
  within(q, p)
    .where('repository', '=', p.repository)
    .where(sql<boolean>`repository <> ''`),
);

const ofEvents = statement<Spanned>()((q, p) =>
  within(q, p).where(
    sql<boolean>`action not in ('manifest.put', 'manifest.delete', 'tag.put', 'tag.delete', 'blob.put', 'blob.mount', 'blob.delete')`,
  ),
);

/** So many entries are read at a time, and at most so many for one page: rare ones are found over several pages. */
const READ_AT_ONCE = 500;
const READ_AT_MOST = 5000;

const isContent = (action: string): boolean => CONTENT_ACTIONS.some((known) => known === action);

/** The entries to look through: those of the narrowest index there is for the filter. Content is only told when done. */
function* read(filter: AuditFilter, span: Spanned) {
  const { repository, principal, action, result = 'done' } = filter;
  if (repository !== undefined) return yield* rows(ofRepository, { ...span, repository });
  if (principal !== undefined) return yield* rows(ofPrincipal, { ...span, principal });
  if (result !== 'done' || (action !== undefined && !isContent(action))) return yield* rows(ofEvents, span);
  return yield* rows(ofAll, span);
}

function passes({ principal, action, repository, result }: AuditFilter, row: AuditRow): boolean {
  const wanted: readonly (readonly [unknown, unknown])[] = [
    [principal, row.by.principal],
    [action, row.action],
    [repository, row.repository],
    [result, row.result],
  ];
  return wanted.every(([want, is]) => want === undefined || want === is);
}

export function* listAudit(filter: AuditFilter, page: PageOf<AuditKey>): Work<AuditPage> {
  const limit = rowsOf(page);
  const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER } = filter;
  if (filter.principal?.includes('\0')) return { rows: [], next: undefined }; // PostgreSQL's text cannot hold it
  const found: AuditRow[] = [];
  let at: AuditKey = page.after && page.after.timeMs < untilMs ? page.after : { timeMs: untilMs, id: 0 };
  for (let looked = 0; looked < READ_AT_MOST; looked += READ_AT_ONCE) {
    const some = yield* read(filter, { beforeMs: at.timeMs, beforeId: at.id, sinceMs, limit: READ_AT_ONCE });
    for (const row of some) {
      const entry = { ...toEntry(row), id: row.id, sequence: row.sequence ?? undefined };
      if (!passes(filter, entry)) continue;
      if (found.length === limit) return { rows: found, next: keyOf(found.at(-1)) };
      found.push(entry);
    }
    const last = some.at(-1);
    if (some.length < READ_AT_ONCE || !last) return { rows: found, next: undefined };
    at = { timeMs: last.time_ms, id: last.id };
  }
  return { rows: found, next: at };
}

const keyOf = (row: AuditRow | undefined): AuditKey | undefined => row && { timeMs: row.timeMs, id: row.id };
