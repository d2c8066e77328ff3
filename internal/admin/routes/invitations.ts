import * as z from 'zod';
import { OciError } from '../../../pkg/oci/index.ts';
import type { Administration } from '../../auth/index.ts';
import { originOf, writeFailure, type Exchange } from '../../http/index.ts';
import { escaped, formatPage, respondPage, wantsPage } from '../pages.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

const PATH = '/auth/invitation';
const QUERY = z.object({ token: z.string().max(200).optional().describe('What the link holds') });
const ACCEPTED = z.strictObject({ token: z.string().max(200), password: z.string().max(1024) });
const DONE = z.object({ username: z.string() });

/** The one-time link by which a user sets a password: a page for people, and where it sends what they typed. */
export function invitationRoutes({ users }: Administration): readonly AdminRoute[] {
  const gone = (): OciError =>
    new OciError('ENTRY_UNKNOWN', 'the link was used, is too old or is none: ask for another');

  function fail(exchange: Exchange, failure: unknown): void {
    if (!wantsPage(exchange)) throw failure;
    writeFailure(exchange, failure, formatPage);
  }

  return [
    defineRoute({
      method: 'GET',
      path: PATH,
      visibility: 'open',
      summary: 'The page on which an invited user sets a password',
      query: QUERY,
      answers: { 200: { description: 'A form', type: 'text/html' }, 404: { description: 'The link is over' } },
      handle: async ({ query: { token = '' } }, exchange) => {
        const name = await users.findInvited(token);
        if (name === undefined) return fail(exchange, gone());
        return respondPage(exchange, 200, `Welcome, ${name}`, form(name, token));
      },
    }),
    defineRoute({
      method: 'POST',
      path: PATH,
      visibility: 'open',
      summary: 'Sets the password of an invited user, once',
      body: ACCEPTED,
      forms: ['json', 'form'],
      answers: { 200: { description: 'The password is set', json: DONE }, 404: { description: 'The link is over' } },
      handle: async ({ body: { token, password } }, exchange) => {
        try {
          const name = await users.accept(originOf(exchange), token, password);
          if (name === undefined) throw gone();
          if (!wantsPage(exchange)) return exchange.respondJson(200, { username: name });
          return respondPage(exchange, 200, 'Done', `<p>${escaped(name)} can sign in with this password now.</p>`);
        } catch (failure) {
          return fail(exchange, failure);
        }
      },
    }),
  ];
}

const form = (name: string, token: string): string => `<h1>Welcome, ${escaped(name)}</h1>
<form method="post" action="${PATH}">
<input type="hidden" name="token" value="${escaped(token)}">
<p><label>A password, of 8 characters or more: <input type="password" name="password" minlength="8" required autocomplete="new-password"></label></p>
<p><button>Set it</button></p>
</form>`;
