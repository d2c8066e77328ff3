import * as z from 'zod';
import { OciError } from '../../../pkg/oci/index.ts';
import { findLocalPath, LOGIN_SECONDS, loginCookie, type LoginFault, type SignInService } from '../../auth/index.ts';
import { formatOciFailure, writeFailure, type Exchange } from '../../http/index.ts';
import { cookieOf, isSecure, setCookie } from '../cookies.ts';
import { formatPage, redirect, wantsJson, wantsPage } from '../pages.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { fromOf, givenBody, GIVEN_ANSWER, openSession } from './accounts.ts';

const PROVIDER = { provider: 'The provider, as the configuration names it' };
const BEGUN = z.object({ auth_url: z.url(), state: z.string() });

const FAULTS: Readonly<Record<LoginFault, () => OciError>> = {
  state: () => new OciError('SIGN_IN_FAILED', 'this browser did not set out to sign in, or was here already'),
  refused: () => new OciError('SIGN_IN_FAILED', 'the provider did not vouch for you'),
  away: () => new OciError('UNAVAILABLE', 'the provider cannot be reached'),
  barred: () => new OciError('SIGN_IN_DENIED', 'ask who runs this registry'),
};

/** Signing in through a provider: a browser leaves for it, and comes back. Both have two paths, as guides have it. */
export function loginRoutes(signIn: SignInService): readonly AdminRoute[] {
  return [
    ...(['/auth/login/{provider}', '/auth/{provider}'] as const).map((path) => beginRoute(path, signIn)),
    ...(['/auth/callback/{provider}', '/auth/{provider}/callback'] as const).map((path) => finishRoute(path, signIn)),
  ];
}

function beginRoute(path: '/auth/login/{provider}' | '/auth/{provider}', { logins }: SignInService): AdminRoute {
  return defineRoute({
    method: 'GET',
    path,
    visibility: 'open',
    summary: 'Sends the browser to a provider to sign in',
    names: PROVIDER,
    query: z.object({ redirect: z.string().optional().describe('The path of this server to end at; / if not given') }),
    answers: {
      200: { description: 'Where to send the browser, for who asks for JSON', json: BEGUN },
      302: { description: 'To the provider', type: 'text/html', headers: { Location: 'Where to sign in' } },
      404: { description: 'There is no such provider' },
    },
    handle: ({ path: { provider }, query }, exchange) =>
      asPage(exchange, async () => {
        const next = findLocalPath(query.redirect ?? '/');
        if (next === undefined) throw new OciError('REQUEST_INVALID', 'redirect: a path of this server');
        const departure = await logins.begin(provider, { next, site: exchange.site });
        if (!departure) throw new OciError('PATH_UNKNOWN');
        const { url, state, sealed } = departure;
        setCookie(exchange, { ...placeOf(exchange, state), value: sealed, seconds: LOGIN_SECONDS });
        if (wantsJson(exchange)) exchange.respondJson(200, { auth_url: url.href, state });
        else redirect(exchange, url.href);
      }),
  });
}

function finishRoute(
  path: '/auth/callback/{provider}' | '/auth/{provider}/callback',
  { logins, sessions, accounts }: SignInService,
): AdminRoute {
  return defineRoute({
    method: 'GET',
    path,
    visibility: 'open',
    summary: 'Where a provider sends the browser back to',
    names: PROVIDER,
    query: z.object({
      state: z.string().optional().describe('What it set out with'),
      code: z.string().optional().describe('What the provider gives for who signed in'),
      error: z.string().optional().describe('Why the provider gives none'),
    }),
    answers: {
      200: GIVEN_ANSWER,
      302: { description: 'Signed in', type: 'text/html', headers: { Location: 'Where it wanted to' } },
      400: { description: 'The browser did not set out so, or the provider did not vouch' },
      403: { description: 'Somebody who may not sign in here' },
    },
    handle: ({ path: { provider }, query: { state = '' } }, exchange) =>
      asPage(exchange, async () => {
        if (!logins.providers.has(provider)) throw new OciError('PATH_UNKNOWN');
        const place = placeOf(exchange, state);
        const sealed = cookieOf(exchange, place.name);
        if (sealed !== undefined) setCookie(exchange, { ...place, value: '', seconds: 0 });
        const arrival = await logins.finish(provider, { query: exchange.query, sealed, ...fromOf(exchange) });
        if (arrival.kind === 'failed') throw FAULTS[arrival.why]();
        await openSession(exchange, sessions, arrival);
        if (!wantsJson(exchange)) return redirect(exchange, arrival.next);
        const given = await accounts.giveTokens(arrival.name);
        if (!given) throw FAULTS.barred();
        exchange.respondJson(200, givenBody(given));
      }),
  });
}

/** Over TLS with a prefix that keeps other hosts of the same site from setting it. */
function placeOf(exchange: Exchange, state: string): { readonly name: string; readonly path: string } {
  const name = loginCookie(state);
  return isSecure(exchange) ? { name: `__Host-${name}`, path: '/' } : { name, path: '/auth' };
}

/** Failures in words for the person at the browser, where one looks. */
async function asPage(exchange: Exchange, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    writeFailure(exchange, thrown, wantsPage(exchange) && !wantsJson(exchange) ? formatPage : formatOciFailure);
  }
}
