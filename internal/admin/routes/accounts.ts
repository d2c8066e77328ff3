import * as z from 'zod';
import { OciError, unreachable } from '../../../pkg/oci/index.ts';
import { SESSION_COOKIE, type Actor, type GivenTokens, type SignInService } from '../../auth/index.ts';
import { Refusal, type Exchange } from '../../http/index.ts';
import { cookieOf, setCookie } from '../cookies.ts';
import { redirect, wantsJson } from '../pages.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

export interface AccountDeps {
  readonly signIn: SignInService;
  /** Refuses what a page of another site sends. */
  readonly refuseOtherSites: (exchange: Exchange) => void;
  /** Repositories that somebody may pull from. */
  readonly repositoriesOf: (actor: Actor) => Promise<readonly string[]>;
}

const USER = z.object({
  username: z.string(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
});

/** As clients of several systems read it. */
const GIVEN = z.object({
  token: z.string(),
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  expires_at: z.iso.datetime(),
  user: USER,
});

export const givenBody = ({ accessToken, refreshToken, expiresInSeconds, expiresMs, user }: GivenTokens) => ({
  token: accessToken,
  access_token: accessToken,
  refresh_token: refreshToken,
  token_type: 'Bearer',
  expires_in: expiresInSeconds,
  expires_at: new Date(expiresMs).toISOString(),
  user,
});

export const GIVEN_ANSWER = { description: 'Tokens, and who they are of', json: GIVEN };
const CREDENTIALS = z.object({ username: z.string().min(1).max(128), password: z.string().min(1).max(1024) });
const MESSAGE = z.object({ message: z.string() });

/** `Authorization: Bearer`; undefined where there is none. */
export const bearerOf = (exchange: Exchange): string | undefined =>
  /^bearer +([\w.~+/-]+=*)$/i.exec(exchange.header('authorization')?.trim() ?? '')?.[1];

export const fromOf = ({ address, requestId }: Exchange) => ({ address, requestId });

/** What clients and pages do with an account of their own, under both paths that there are for it. */
export function accountRoutes(deps: AccountDeps): readonly AdminRoute[] {
  return (['/auth', '/v1/auth'] as const).flatMap((base) => [
    loginRoute(base, deps),
    registerRoute(base, deps),
    refreshRoute(base, deps),
    whoamiRoute(base, deps),
    logoutRoute(base, deps),
    cookieLogoutRoute(base, deps),
  ]);
}

function loginRoute(base: '/auth' | '/v1/auth', { signIn, refuseOtherSites }: AccountDeps): AdminRoute {
  const { accounts, sessions } = signIn;
  return defineRoute({
    method: 'POST',
    path: `${base}/login`,
    visibility: 'open',
    summary: 'Gives tokens for a password',
    body: CREDENTIALS.extend({
      session: z.boolean().optional().describe('Whether to sign the browser in, by a cookie'),
    }),
    answers: { 200: GIVEN_ANSWER, 401: { description: 'Wrong name or password' } },
    handle: async ({ body: { username, password, session } }, exchange) => {
      refuseOtherSites(exchange);
      const outcome = await accounts.signIn(username, password, fromOf(exchange));
      if (outcome.kind === 'limited') {
        throw new Refusal('TOOMANYREQUESTS', { 'retry-after': String(Math.ceil(outcome.retryAfterMs / 1000)) });
      }
      const given = outcome.kind === 'signedIn' ? await accounts.giveTokens(username) : undefined;
      if (!given) throw new OciError('UNAUTHORIZED', 'wrong name or password');
      if (session) await openSession(exchange, sessions, { name: given.user.username, generation: given.generation });
      exchange.respondJson(200, givenBody(given));
    },
  });
}

/** Signs the browser in that sent the request. */
export async function openSession(
  exchange: Exchange,
  sessions: SignInService['sessions'],
  user: { readonly name: string; readonly generation: number },
): Promise<void> {
  const { token, seconds } = await sessions.open(user);
  setCookie(exchange, { name: SESSION_COOKIE, value: token, path: '/', seconds });
}

function registerRoute(
  base: '/auth' | '/v1/auth',
  { signIn: { accounts }, refuseOtherSites }: AccountDeps,
): AdminRoute {
  return defineRoute({
    method: 'POST',
    path: `${base}/register`,
    visibility: 'open',
    summary: 'Makes a user of one’s own, where that is allowed',
    body: z.object({
      username: z.string().max(128),
      password: z.string().max(1024),
      email: z.email().max(254).optional(),
    }),
    answers: {
      201: GIVEN_ANSWER,
      403: { description: 'auth.allow_registration is off' },
      409: { description: 'The name is taken' },
    },
    handle: async ({ body: { username, password, email } }, exchange) => {
      refuseOtherSites(exchange);
      const made = await accounts.register({ name: username, password, email }, fromOf(exchange));
      switch (made.kind) {
        case 'registered': {
          const given = await accounts.giveTokens(made.name);
          if (!given) throw new OciError('UNAVAILABLE');
          return exchange.respondJson(201, givenBody(given));
        }
        case 'closed':
          throw new OciError('DENIED', 'nobody makes users here but administrators');
        case 'taken':
          throw new OciError('ENTRY_EXISTS', `user ${username}`);
        case 'badName':
          throw new OciError('REQUEST_INVALID', 'username: letters and digits, with . _ @ + - between them');
        case 'badPassword':
          throw new OciError('REQUEST_INVALID', 'password: eight characters or more');
        default:
          return unreachable(made);
      }
    },
  });
}

function refreshRoute(base: '/auth' | '/v1/auth', { signIn: { accounts } }: AccountDeps): AdminRoute {
  return defineRoute({
    method: 'POST',
    path: `${base}/refresh`,
    visibility: 'open',
    summary: 'Gives new tokens for a refresh token, which ends with it, or for an access token that still holds',
    body: z.object({ refresh_token: z.string().max(256).optional() }).optional(),
    answers: { 200: GIVEN_ANSWER, 401: { description: 'Neither was one' } },
    handle: async ({ body }, exchange) => {
      const bearer = bearerOf(exchange);
      const given =
        body?.refresh_token !== undefined
          ? await accounts.refresh(body.refresh_token)
          : bearer === undefined
            ? undefined
            : await accounts.renew(bearer);
      if (!given) throw new OciError('UNAUTHORIZED', 'the token is none, or over');
      exchange.respondJson(200, givenBody(given));
    },
  });
}

function whoamiRoute(base: '/auth' | '/v1/auth', { signIn: { accounts } }: AccountDeps): AdminRoute {
  return defineRoute({
    method: 'GET',
    path: `${base}/whoami`,
    visibility: 'challenged',
    summary: 'Who sends the request, and what they may',
    answers: { 200: { description: 'Who it is', json: USER }, 401: { description: 'Nobody signed in' } },
    handle: async (_asked, exchange) => exchange.respondJson(200, await accounts.describe(actorOf(exchange).identity)),
  });
}

/** Who the gate let through. */
export function actorOf({ actor }: Exchange): Actor {
  if (!actor) throw new OciError('UNAUTHORIZED');
  return actor;
}

const SIGNED_OUT = { message: 'Logged out successfully' };

function logoutRoute(base: '/auth' | '/v1/auth', deps: AccountDeps): AdminRoute {
  const { accounts } = deps.signIn;
  return defineRoute({
    method: 'POST',
    path: `${base}/logout`,
    visibility: 'open',
    summary: 'Ends the token that is sent, and a refresh token with it; without one, signs the browser out',
    body: z.object({ refresh_token: z.string().max(256).optional() }).optional(),
    forms: ['json', 'form'],
    answers: {
      200: { description: 'The token has ended', json: MESSAGE },
      302: { description: 'The browser is signed out', type: 'text/html', headers: { Location: 'Where to sign in' } },
      401: { description: 'The token was none' },
    },
    handle: async ({ body }, exchange) => {
      const bearer = bearerOf(exchange);
      if (bearer === undefined) return leave(exchange, deps);
      if (!(await accounts.signOut(bearer, body?.refresh_token, fromOf(exchange)))) throw new OciError('UNAUTHORIZED');
      return exchange.respondJson(200, SIGNED_OUT);
    },
  });
}

function cookieLogoutRoute(base: '/auth' | '/v1/auth', deps: AccountDeps): AdminRoute {
  return defineRoute({
    method: 'GET',
    path: `${base}/logout`,
    visibility: 'open',
    summary: 'Signs the browser out',
    answers: {
      200: { description: 'The same, for who asks for JSON', json: MESSAGE },
      302: { description: 'It is signed out', type: 'text/html', headers: { Location: 'Where to sign in' } },
    },
    handle: (_asked, exchange) => {
      // A link there may sign people out; an image on a page of another site may not.
      if (exchange.header('sec-fetch-site') === 'cross-site') throw new OciError('DENIED');
      return leave(exchange, deps);
    },
  });
}

async function leave(exchange: Exchange, { signIn: { sessions }, refuseOtherSites }: AccountDeps): Promise<void> {
  refuseOtherSites(exchange);
  const token = cookieOf(exchange, SESSION_COOKIE);
  if (token !== undefined) await sessions.close(token);
  setCookie(exchange, { name: SESSION_COOKIE, value: '', path: '/', seconds: 0 });
  if (wantsJson(exchange)) exchange.respondJson(200, SIGNED_OUT);
  else redirect(exchange, '/login');
}
