import { OciError } from '../../../../pkg/oci/index.ts';
import type { Actor, Administration } from '../../../auth/index.ts';
import { actorOf, originOf } from '../../../http/index.ts';
import type { FacadeRoute } from '../../types.ts';
import { JSON_TYPE, readBody, type ColaContext } from '../context.ts';
import type { Names } from '../names.ts';
import { BASE } from '../paths.ts';
import { isName } from '../rules/fields.ts';
import { Invalid } from '../rules/invalid.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, GONE, jsonBody, listOf, made, TAKEN, WRONG } from './docs.ts';

type KeyRow = Awaited<ReturnType<Administration['keys']['get']>>;

/** What the roles of COLA (contract 11.2) are among the actions of the product. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  reader: ['pull'],
  publisher: ['pull', 'push', 'create', 'update', 'delete'],
  admin: ['pull', 'push', 'create', 'update', 'delete', 'admin'],
};
const PAGE = 1000;

const text = { type: 'string' } as const;
const time = { type: ['string', 'null'], format: 'date-time' } as const;
const KEY = {
  id: text,
  name: text,
  role: text,
  prefix: text,
  expires_at: time,
  created_at: time,
  last_used_at: time,
};
const schemaOf = (properties: object) => ({ type: 'object', properties });

/** The repositories and actions of `publisher@ops`, or of `publisher` everywhere. */
function accessOf(role: string, names: Names): Pick<KeyRow, 'repositories' | 'actions'> {
  const [name = '', registry, ...more] = role.split('@');
  const actions = ROLES[name];
  const isScoped = registry !== undefined;
  if (!actions || more.length > 0 || (isScoped && !isName(registry))) {
    throw new Invalid('role must be reader, publisher or admin, of one registry as in publisher@ops', 'role');
  }
  const repository = isScoped ? names.registry(registry) : undefined;
  return { actions, repositories: repository ? [repository, `${repository}/**`] : [`${names.prefix}/**`] };
}

/** The role that was asked for; of a key that was made elsewhere what it may. */
function roleOf({ repositories, actions }: KeyRow, names: Names): string {
  const role = Object.keys(ROLES).find((each) => ROLES[each]?.join() === actions.join());
  const [first = '', rest] = repositories;
  const registry = names.read(first)?.registry;
  if (role !== undefined && registry !== undefined && rest === `${first}/**`) return `${role}@${registry}`;
  if (role !== undefined && first === `${names.prefix}/**` && rest === undefined) return role;
  return `${actions.join(',')}@${repositories.join(',')}`;
}

/** Who may have keys of their own: somebody who signed in as themselves. */
function ownerOf({ identity }: Actor): string {
  if (identity.principal.kind !== 'user') throw new OciError('DENIED', 'a key makes no keys');
  return identity.principal.name;
}

/** Keys of whoever asks, which may what they may, within their role: a view over the product's keys (contract 11.3). */
export function keyRoutes(context: ColaContext, { keys }: Pick<Administration, 'keys'>): readonly FacadeRoute[] {
  const { names } = context;
  const define = createDefine(context);
  const timeOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
  const toJson = (row: KeyRow) => ({
    id: row.name,
    name: row.name,
    role: roleOf(row, names),
    prefix: 'octk_',
    expires_at: timeOf(row.expiresMs),
    created_at: timeOf(row.createdMs),
    last_used_at: timeOf(row.usedMs),
  });

  const create: Handle = async (_place, exchange) => {
    const owner = ownerOf(actorOf(exchange));
    const { name = '', role = '', expires_at: expires } = await readBody(exchange);
    if (typeof name !== 'string' || typeof role !== 'string') throw new Invalid('Invalid JSON in request body');
    const expiresMs = typeof expires === 'string' ? Date.parse(expires) : undefined;
    if (Number.isNaN(expiresMs))
      throw new Invalid('expires_at must be a time such as 2027-01-01T00:00:00Z', 'expires_at');
    const key = await keys.add(originOf(exchange), { name, owner, ...accessOf(role, names), expiresMs });
    const location = `${exchange.site}${BASE}/apikeys/${encodeURIComponent(name)}`;
    const body = JSON.stringify({ ...toJson(await keys.get(name)), key });
    exchange.respond(201, { ...JSON_TYPE, 'cache-control': 'no-store', location }, body);
  };

  const list: Handle = async (_place, exchange) => {
    const actor = actorOf(exchange);
    const { principal } = actor.identity;
    const own = principal.kind === 'user' ? principal.name : undefined;
    const seen: KeyRow[] = [];
    for (let after: string | undefined; ;) {
      const page = await keys.list({ after, limit: PAGE });
      seen.push(...page.filter(({ owner }) => actor.isAdmin || (own !== undefined && owner === own)));
      if (page.length < PAGE) break;
      after = page.at(-1)?.name;
    }
    exchange.respond(200, JSON_TYPE, JSON.stringify(seen.map(toJson)));
  };

  const remove: Handle = async (_place, exchange, { id = '' }) => {
    const actor = actorOf(exchange);
    const key = await keys.get(id);
    const { principal } = actor.identity;
    const isOwn = principal.kind === 'user' && key.owner === principal.name;
    if (!isOwn && !actor.isAdmin) throw new OciError('ENTRY_UNKNOWN', `key ${id}`);
    await keys.delete(originOf(exchange), id);
    exchange.respond(204);
  };

  const rest = { action: 'none', visibility: 'challenged' } as const;
  return [
    define({
      method: 'POST',
      path: `${BASE}/apikeys`,
      ...rest,
      doc: {
        summary: 'Make a key of one’s own',
        body: jsonBody(schemaOf({ name: text, role: text, expires_at: time })),
        answers: {
          201: made('The key, which is told this once', schemaOf({ ...KEY, key: text })),
          400: WRONG,
          409: TAKEN,
        },
      },
      handle: create,
    }),
    define({
      method: 'GET',
      path: `${BASE}/apikeys`,
      ...rest,
      doc: {
        summary: 'List one’s keys; an admin’s list has all',
        answers: { 200: answer('The keys', listOf(schemaOf(KEY))) },
      },
      handle: list,
    }),
    define({
      method: 'DELETE',
      path: `${BASE}/apikeys/{id}`,
      ...rest,
      doc: { summary: 'Revoke a key', answers: { 204: GONE, 404: ABSENT } },
      handle: remove,
    }),
  ];
}
