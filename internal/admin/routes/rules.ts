import * as z from 'zod';
import { ACTIONS, type Administration } from '../../auth/index.ts';
import { originOf } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

const ROLE = z.object({
  name: z.string(),
  actions: z.array(z.string()),
  built_in: z.boolean().describe('Whether it is always there, and as it is'),
});
const ROLES = z.object({ roles: z.array(ROLE) });
const ROLE_NAMES = { name: 'The name of the role' };
const ROLE_ACTIONS = z.strictObject({ actions: z.array(z.enum(ACTIONS)).min(1).max(ACTIONS.length) });

const BINDING = z.strictObject({
  subject: z
    .string()
    .max(300)
    .describe(
      'user:alice, group:dev, key:ci, workload:deploy, authenticated (whoever signs in) or anonymous (everybody)',
    ),
  role: z.string().max(64).describe('What it may do there'),
  pattern: z.string().max(255).describe('Which repositories: team-a/**, team/*, **'),
});
const BINDINGS = z.object({ bindings: z.array(BINDING) });
const SUBJECT_QUERY = z.strictObject({ subject: z.string().max(300).optional().describe('Only what it has itself') });

/** Roles and who has them, for administrators. */
export function ruleRoutes({ rules }: Administration): readonly AdminRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/roles',
      visibility: 'admin',
      summary: 'Lists the roles and what they allow',
      answers: { 200: { description: 'All roles', json: ROLES } },
      handle: async (_asked, exchange) => {
        const roles = await rules.listRoles();
        exchange.respondJson(200, { roles: roles.map(({ builtIn, ...role }) => ({ ...role, built_in: builtIn })) });
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/admin/roles/{name}',
      names: ROLE_NAMES,
      visibility: 'admin',
      summary: 'Makes a role, or changes what one allows',
      body: ROLE_ACTIONS,
      answers: { 204: { description: 'The role is so' } },
      handle: async ({ path, body }, exchange) => {
        await rules.putRole(originOf(exchange), { name: path.name, actions: body.actions });
        exchange.respond(204);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/admin/roles/{name}',
      names: ROLE_NAMES,
      visibility: 'admin',
      summary: 'Deletes a role that nobody has',
      answers: { 204: { description: 'It is deleted' } },
      handle: async ({ path }, exchange) => {
        await rules.deleteRole(originOf(exchange), path.name);
        exchange.respond(204);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/admin/bindings',
      visibility: 'admin',
      summary: 'Lists who has which role where',
      query: SUBJECT_QUERY,
      answers: { 200: { description: 'By subject, role and pattern', json: BINDINGS } },
      handle: async ({ query }, exchange) =>
        exchange.respondJson(200, { bindings: await rules.listBindings(query.subject) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/admin/bindings',
      visibility: 'admin',
      summary: 'Gives a subject a role on repositories; it may have it already',
      body: BINDING,
      answers: { 201: { description: 'It has it', json: BINDING } },
      handle: async ({ body }, exchange) => {
        await rules.addBinding(originOf(exchange), body);
        exchange.respondJson(201, body);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/admin/bindings',
      visibility: 'admin',
      summary: 'Takes a role from a subject',
      query: BINDING,
      answers: { 204: { description: 'It has it no more' } },
      handle: async ({ query }, exchange) => {
        await rules.deleteBinding(originOf(exchange), query);
        exchange.respond(204);
      },
    }),
  ];
}
