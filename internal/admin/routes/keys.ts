import * as z from 'zod';
import { ACTIONS, type Administration } from '../../auth/index.ts';
import { originOf } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { PAGE_QUERY, pageOf } from './pages.ts';
import { timeOf } from './times.ts';

type KeyRow = Awaited<ReturnType<Administration['keys']['get']>>;

const DONE = { 204: { description: 'It is revoked' } };
const KEY_NAMES = { name: 'The name of the key' };
const ACCESS = {
  repositories: z.array(z.string().max(255)).max(200).describe('Patterns: team-a/**, team/*, **'),
  actions: z.array(z.enum(ACTIONS)).max(ACTIONS.length),
};
const EXPIRES = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const KEY = z.object({
  name: z.string(),
  owner: z.string().optional().describe('Whose rights it has, within its own; a robot’s key has none'),
  repositories: z.array(z.string()),
  actions: z.array(z.string()),
  created: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
  used: z.iso.datetime().optional().describe('The last time, to the minute or so'),
});
const NEW_KEY = z.strictObject({
  name: z.string().max(128),
  owner: z.string().max(128).optional(),
  ...ACCESS,
  expires: EXPIRES.optional(),
});
const KEY_CHANGE = z.strictObject({
  repositories: ACCESS.repositories.optional(),
  actions: ACCESS.actions.optional(),
  expires: EXPIRES.nullable().optional(),
});
const KEYS = z.object({ keys: z.array(KEY), next: z.string().optional().describe('Where the next page goes on') });
const MADE_KEY = KEY.extend({ key: z.string().describe('The key itself, which is told this once') });

/** Keys of users and robots, for administrators. A key itself is told once, when it is made. */
export function keyRoutes({ keys }: Administration): readonly AdminRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/keys',
      visibility: 'admin',
      summary: 'Lists keys by name',
      query: PAGE_QUERY,
      answers: { 200: { description: 'A page of keys', json: KEYS } },
      handle: async ({ query }, exchange) => {
        const { rows, next } = await pageOf(query, (page) => keys.list(page));
        exchange.respondJson(200, { keys: rows.map(toKeyJson), next });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/admin/keys',
      visibility: 'admin',
      summary: 'Makes a key',
      body: NEW_KEY,
      answers: { 201: { description: 'The key', json: MADE_KEY, headers: { Location: 'Where it is told of' } } },
      handle: async ({ body: { expires: expiresMs, ...body } }, exchange) => {
        const key = await keys.add(originOf(exchange), { ...body, expiresMs });
        const location = `/admin/keys/${encodeURIComponent(body.name)}`;
        exchange.respondJson(201, { ...toKeyJson(await keys.get(body.name)), key }, { location });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/admin/keys/{name}',
      names: KEY_NAMES,
      visibility: 'admin',
      summary: 'Tells of a key',
      answers: { 200: { description: 'The key, without itself', json: KEY } },
      handle: async ({ path }, exchange) => exchange.respondJson(200, toKeyJson(await keys.get(path.name))),
    }),
    defineRoute({
      method: 'PUT',
      path: '/admin/keys/{name}',
      names: KEY_NAMES,
      visibility: 'admin',
      summary: 'Changes of a key what is given',
      body: KEY_CHANGE,
      answers: { 200: { description: 'The key as it is now', json: KEY } },
      handle: async ({ path, body: { expires: expiresMs, ...body } }, exchange) => {
        await keys.change(originOf(exchange), path.name, { ...body, expiresMs });
        exchange.respondJson(200, toKeyJson(await keys.get(path.name)));
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/admin/keys/{name}',
      names: KEY_NAMES,
      visibility: 'admin',
      summary: 'Revokes a key',
      answers: DONE,
      handle: async ({ path }, exchange) => {
        await keys.delete(originOf(exchange), path.name);
        exchange.respond(204);
      },
    }),
  ];
}

function toKeyJson({ name, owner, repositories, actions, createdMs, expiresMs, usedMs }: KeyRow): object {
  return {
    name,
    owner,
    repositories,
    actions,
    created: timeOf(createdMs),
    expires: timeOf(expiresMs),
    used: timeOf(usedMs),
  };
}
