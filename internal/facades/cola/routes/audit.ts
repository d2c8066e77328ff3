import { OciError } from '../../../../pkg/oci/index.ts';
import { CHANGE_ACTIONS, findAuditKey, formatAuditKey, type AuditFilter, type AuditKey } from '../../../auth/index.ts';
import { actorOf } from '../../../http/index.ts';
import type { FacadeDeps, FacadeRoute } from '../../types.ts';
import { productActionOf, toColaEntry } from '../audit-view.ts';
import { JSON_TYPE, type ColaContext } from '../context.ts';
import { BASE } from '../paths.ts';
import { Invalid } from '../rules/invalid.ts';
import { createDefine, type Handle } from './define.ts';
import { answer, WRONG } from './docs.ts';

type Entry = NonNullable<ReturnType<typeof toColaEntry>>;

const USUAL = 100;
const MOST = 1000;
/** What is not about COLA is passed over; so many pages of it for one answer, which may then be short. */
const PAGES = 10;
const PAGE = 500;

function timeAt(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  const ms = text === null ? undefined : Date.parse(text);
  if (Number.isNaN(ms)) throw new Invalid(`${name} must be a time such as 2027-01-01T00:00:00Z`, name);
  return ms;
}

function limitOf(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return USUAL;
  if (!/^\d{1,15}$/.test(text)) throw new Invalid('limit must be a number', 'limit');
  return Math.min(MOST, Math.max(1, Number(text)));
}

/** Who did what to registries: a view over the product's log of changes (contract 11.4). */
export function auditRoutes(context: ColaContext, listAudit: FacadeDeps<object>['listAudit']): readonly FacadeRoute[] {
  const { names } = context;
  const define = createDefine(context);

  const list: Handle = async (_place, exchange) => {
    const { query } = exchange;
    const [registry, packageName, action] = ['registry', 'package', 'action'].map(
      (name) => query.get(name) ?? undefined,
    );
    const actor = actorOf(exchange);
    const scope = registry === undefined ? undefined : names.registry(registry);
    if (!actor.isAdmin && !(scope && actor.may('admin', scope))) throw new OciError('DENIED');
    const cursor = query.get('cursor');
    const start = cursor === null ? undefined : findAuditKey(cursor);
    if (cursor !== null && !start) throw new Invalid('cursor must be the `next` of an answer', 'cursor');
    const known = CHANGE_ACTIONS.find((each) => action !== undefined && each === productActionOf(action));
    if (action !== undefined && !known) throw new Invalid('action must be one such as version.create', 'action');
    const who = query.get('actor');
    const filter: AuditFilter = {
      principal: who === null ? undefined : who.includes(':') || who === 'anonymous' ? who : `user:${who}`,
      action: known,
      repository:
        registry !== undefined && packageName !== undefined ? names.package(registry, packageName) : undefined,
      sinceMs: timeAt(query, 'since'),
      untilMs: timeAt(query, 'until'),
    };
    const isWanted = (entry: Entry): boolean =>
      (registry === undefined || entry.registry === registry) &&
      (packageName === undefined || entry.package === packageName) &&
      (action === undefined || entry.action === action);

    const limit = limitOf(query);
    const entries: Entry[] = [];
    let next: AuditKey | undefined = start;
    for (let pages = 0; pages < PAGES && entries.length < limit; pages += 1) {
      const page = await listAudit(filter, { limit: PAGE, ...(next && { after: next }) });
      next = page.next;
      for (const row of page.rows) {
        const entry = toColaEntry(row, names);
        if (!entry || !isWanted(entry)) continue;
        entries.push(entry);
        if (entries.length < limit) continue;
        next = { timeMs: row.timeMs, id: row.id };
        break;
      }
      if (!next) break;
    }
    const body = JSON.stringify({ entries, ...(next && { next: formatAuditKey(next) }) });
    exchange.respond(200, { ...JSON_TYPE, 'cache-control': 'no-store' }, body);
  };

  const parameter = (name: string, description: string) => ({ name, in: 'query', description }) as const;
  return [
    define({
      method: 'GET',
      path: `${BASE}/audit`,
      action: 'none',
      visibility: 'challenged',
      doc: {
        summary: 'List who changed what, newest first',
        parameters: [
          parameter('registry', 'Only of this registry; whoever administers it may ask'),
          parameter('package', 'Only of this package'),
          parameter('actor', 'Only what they did'),
          parameter('action', 'Only this, as in version.create'),
          parameter('since', 'The first moment'),
          parameter('until', 'The first moment that is too late'),
          { ...parameter('limit', 'The most entries of an answer'), schema: { type: 'integer' } },
          parameter('cursor', 'Where the last answer ended: its `next`'),
        ],
        answers: {
          200: answer('A page of entries; it may be short, even empty, and have a `next`', {
            type: 'object',
            properties: { entries: { type: 'array', items: { type: 'object' } }, next: { type: 'string' } },
          }),
          400: WRONG,
        },
      },
      handle: list,
    }),
  ];
}
