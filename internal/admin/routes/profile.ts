import * as z from 'zod';
import type { Exchange } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { actorOf, type AccountDeps } from './accounts.ts';

const PROFILE = z.object({
  username: z.string(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  id: z.string(),
  email: z.string().nullable(),
  name: z.string(),
  avatar_url: z.string().nullable(),
  provider: z.string(),
});

type List = 'organizations' | 'teams' | 'repositories';
const LISTS: Readonly<Record<List, string>> = {
  organizations: 'The organizations that the provider says one is in',
  teams: 'The teams that the provider says one is in; groups of ours where there is none',
  repositories: 'The repositories that one may pull from, up to ten thousand',
};

/** What is known of whoever sends the request. */
export function profileRoutes(deps: AccountDeps): readonly AdminRoute[] {
  const { signIn } = deps;
  const profileOf = async (exchange: Exchange) => {
    const { principal } = actorOf(exchange).identity;
    return principal.kind === 'user' ? signIn.profileOf(principal.name) : undefined;
  };
  const groupsOf = (exchange: Exchange): readonly string[] => {
    const { principal } = actorOf(exchange).identity;
    return principal.kind === 'user' ? principal.groups : [];
  };
  const lists: Readonly<Record<List, (exchange: Exchange) => Promise<readonly string[]>>> = {
    organizations: async (exchange) => (await profileOf(exchange))?.organizations ?? [],
    teams: async (exchange) => (await profileOf(exchange))?.teams ?? groupsOf(exchange),
    repositories: (exchange) => deps.repositoriesOf(actorOf(exchange)),
  };
  return [
    defineRoute({
      method: 'GET',
      path: '/auth/user',
      visibility: 'challenged',
      summary: 'Who sends the request, as a page shows it',
      answers: { 200: { description: 'Who it is', json: PROFILE }, 401: { description: 'Nobody signed in' } },
      handle: async (_asked, exchange) => {
        const described = await signIn.accounts.describe(actorOf(exchange).identity);
        const profile = await profileOf(exchange);
        exchange.respondJson(200, {
          ...described,
          id: profile?.subject ?? described.username,
          email: profile?.email ?? null,
          name: profile?.displayName ?? described.username,
          avatar_url: profile?.avatarUrl ?? null,
          provider: profile?.provider ?? 'local',
        });
      },
    }),
    ...(Object.keys(LISTS) as List[]).map((list) =>
      defineRoute({
        method: 'GET',
        path: `/auth/user/${list}`,
        visibility: 'challenged',
        ...(list === 'repositories' && { action: 'catalog' }),
        summary: LISTS[list],
        answers: { 200: { description: 'Names', json: z.array(z.string()) }, 401: { description: 'Nobody signed in' } },
        handle: async (_asked, exchange) => exchange.respondJson(200, await lists[list](exchange)),
      }),
    ),
  ];
}
