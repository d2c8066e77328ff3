import * as z from 'zod';
import { PRESETS, type Administration, type WorkloadView } from '../../auth/index.ts';
import { originOf } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

const text = (most: number) => z.string().min(1).max(most);
const texts = (most: number) => z.array(text(1000)).max(most);

const SETTINGS = z.strictObject({
  preset: z.enum(PRESETS).optional().describe('Whose tokens it is for: sets issuer and algorithms'),
  issuer: text(1000).optional(),
  jwks_url: text(1000).optional(),
  audience: text(1000).optional().describe('server.public_url where it is not given'),
  algorithms: texts(10).optional(),
  claims: texts(100).optional().describe('As claim=pattern, with * for any characters'),
  single_use: z.boolean().optional(),
  repositories: texts(100).optional().describe('As team/app, team/*, team/**'),
  actions: texts(10).optional().describe('pull, push, create and update where it is not given'),
});

const RULE = z.object({
  name: z.string(),
  source: z.enum(['configuration', 'catalog']),
  problems: z.array(z.string()).describe('Why it lets in nobody'),
  issuer: z.string().optional(),
  jwks_url: z.string().optional(),
  audience: z.string().optional(),
  algorithms: z.array(z.string()).optional(),
  claims: z.array(z.string()).optional(),
  single_use: z.boolean().optional(),
  repositories: z.array(z.string()).optional(),
  actions: z.array(z.string()).optional(),
});

const viewOf = ({ name, isConfigured, rule, problems }: WorkloadView): z.infer<typeof RULE> => ({
  name,
  source: isConfigured ? 'configuration' : 'catalog',
  problems: [...problems],
  ...(rule && {
    issuer: rule.issuer,
    ...(rule.jwksUrl !== undefined && { jwks_url: rule.jwksUrl }),
    audience: rule.audience,
    algorithms: [...rule.algorithms],
    claims: rule.claims.map(({ claim, pattern }) => `${claim}=${pattern}`),
    single_use: rule.singleUse,
    repositories: [...rule.access.repositories],
    actions: [...rule.access.actions],
  }),
});

const NAMES = { name: 'The name of the rule' };

/** Rules for jobs of CIs, for administrators. */
export function workloadRoutes({ workloads }: Administration): readonly AdminRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/workloads',
      visibility: 'admin',
      summary: 'Lists the rules by which jobs of CIs come in',
      answers: { 200: { description: 'All rules', json: z.object({ rules: z.array(RULE) }) } },
      handle: async (_asked, exchange) =>
        exchange.respondJson(200, { rules: (await workloads.list()).map((rule) => viewOf(rule)) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/admin/workloads/{name}',
      names: NAMES,
      visibility: 'admin',
      summary: 'Makes a rule for jobs of a CI, or changes one',
      body: SETTINGS,
      answers: { 204: { description: 'The rule is so' }, 409: { description: 'The configuration has it' } },
      handle: async ({ path, body }, exchange) => {
        const { jwks_url: jwksUrl, single_use: singleUse, ...rest } = body;
        await workloads.put(originOf(exchange), path.name, { ...rest, jwksUrl, singleUse });
        exchange.respond(204);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/admin/workloads/{name}',
      names: NAMES,
      visibility: 'admin',
      summary: 'Deletes a rule; the tokens that it gave end',
      answers: { 204: { description: 'It is deleted' } },
      handle: async ({ path }, exchange) => {
        await workloads.delete(originOf(exchange), path.name);
        exchange.respond(204);
      },
    }),
  ];
}
