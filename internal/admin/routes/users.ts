import * as z from 'zod';
import type { Administration, UserView } from '../../auth/index.ts';
import { originOf } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { PAGE_QUERY, pageOf } from './pages.ts';
import { timeOf } from './times.ts';

const NAMES = { name: 'The name of the user' };
const PASSWORD = z.string().max(1024).describe('At least 8 characters');
const GROUPS = z.array(z.string().max(255)).max(200);
const ROLE = z.strictObject({
  role: z.string().max(64),
  pattern: z.string().max(255).describe('team-a/**, team/*, **'),
});

const USER = z.object({
  name: z.string(),
  display_name: z.string().optional(),
  email: z.string().optional(),
  groups: z.array(z.string()),
  disabled: z.boolean(),
  has_password: z.boolean(),
  created: z.iso.datetime(),
  signed_in: z.iso.datetime().optional().describe('The last time, to the minute or so'),
});
const NEW_USER = z.strictObject({
  name: z.string().max(128),
  password: PASSWORD.optional(),
  email: z.string().max(320).optional(),
  display_name: z.string().max(200).optional(),
  groups: GROUPS.optional(),
  roles: z.array(ROLE).max(200).optional(),
});
const CHANGE = z.strictObject({
  password: PASSWORD.optional(),
  email: z.string().max(320).nullable().optional(),
  display_name: z.string().max(200).nullable().optional(),
  groups: GROUPS.optional(),
  disabled: z.boolean().optional(),
});
const USERS = z.object({ users: z.array(USER), next: z.string().optional().describe('Where the next page goes on') });
const DONE = { 204: { description: 'It is done' } };

/** Users of the catalog, for administrators. Nobody is ever told a password, nor a hash of one. */
export function userRoutes({ users }: Administration): readonly AdminRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/users',
      visibility: 'admin',
      summary: 'Lists users by name',
      query: PAGE_QUERY,
      answers: { 200: { description: 'A page of users', json: USERS } },
      handle: async ({ query }, exchange) => {
        const { rows, next } = await pageOf(query, (page) => users.list(page));
        exchange.respondJson(200, { users: rows.map(toJson), next });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/admin/users',
      visibility: 'admin',
      summary: 'Adds a user',
      body: NEW_USER,
      answers: { 201: { description: 'The user', json: USER, headers: { Location: 'Where the user is' } } },
      handle: async ({ body: { display_name: displayName, ...body } }, exchange) => {
        await users.add(originOf(exchange), { ...body, displayName });
        const location = `/admin/users/${encodeURIComponent(body.name)}`;
        exchange.respondJson(201, toJson(await users.get(body.name)), { location });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/admin/users/{name}',
      names: NAMES,
      visibility: 'admin',
      summary: 'Tells of a user',
      answers: { 200: { description: 'The user', json: USER } },
      handle: async ({ path }, exchange) => exchange.respondJson(200, toJson(await users.get(path.name))),
    }),
    defineRoute({
      method: 'PUT',
      path: '/admin/users/{name}',
      names: NAMES,
      visibility: 'admin',
      summary: 'Changes of a user what is given; a new password, or disabling, ends all that the user signed in with',
      body: CHANGE,
      answers: { 200: { description: 'The user as it is now', json: USER } },
      handle: async ({ path, body: { display_name: displayName, ...body } }, exchange) => {
        await users.change(originOf(exchange), path.name, { ...body, displayName });
        exchange.respondJson(200, toJson(await users.get(path.name)));
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/admin/users/{name}',
      names: NAMES,
      visibility: 'admin',
      summary: 'Deletes a user, with keys and bindings',
      answers: DONE,
      handle: async ({ path }, exchange) => {
        await users.delete(originOf(exchange), path.name);
        exchange.respond(204);
      },
    }),
  ];
}

function toJson({ name, displayName, email, groups, disabled, hasPassword, createdMs, signedInMs }: UserView): object {
  return {
    name,
    display_name: displayName,
    email,
    groups,
    disabled,
    has_password: hasPassword,
    created: timeOf(createdMs),
    signed_in: timeOf(signedInMs),
  };
}
