import * as z from 'zod';
import { OciError, unreachable } from '../../../pkg/oci/index.ts';
import { ANONYMOUS, TOKEN_PATH, type AuthService, type TokenAnswer, type TokenRequest } from '../../auth/index.ts';
import { basicAuthorization, comeBackIn, credentialsOf, Refusal, type Exchange } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

export interface TokenDeps {
  readonly auth: Pick<AuthService, 'signIn' | 'grants' | 'keys'>;
  /** `auth.service`. */
  readonly service: string;
}

const FLAG = z.enum(['true', 'false', '']);
const QUERY = z.object({
  service: z.string().optional().describe('The registry that the token is for, as the challenge named it'),
  scope: z
    .string()
    .optional()
    .describe('What the token is to be good for: repository:team/app:pull,push; may be repeated'),
  account: z.string().optional().describe('The name that signs in; only the credentials count'),
  client_id: z.string().optional().describe('The program that asks'),
  offline_token: FLAG.optional().describe('true: a refresh token is wanted, too'),
});
const FORM = z.object({
  grant_type: z.enum(['password', 'refresh_token']),
  service: z.string().optional(),
  scope: z.string().optional(),
  client_id: z.string().optional(),
  access_type: z.string().optional().describe('offline: a refresh token is wanted, too'),
  username: z.string().optional(),
  password: z.string().optional(),
  refresh_token: z.string().optional(),
});
const ANSWER = z.object({
  token: z.string(),
  access_token: z.string().describe('The same'),
  expires_in: z.int().describe('Seconds'),
  issued_at: z.iso.datetime(),
  scope: z.string().describe('What of the asked was granted'),
  refresh_token: z.string().optional(),
});
const KEY_SET = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** Where clients get tokens (docker's token specification; RFC 6749), and the keys that these are signed with. */
export function tokenRoutes({ auth, service }: TokenDeps): readonly AdminRoute[] {
  const refused = (): Refusal =>
    new Refusal('UNAUTHORIZED', { 'www-authenticate': `Basic realm="${service}", charset="UTF-8"` });

  /** To whoever the credentials are of, or to anybody where there are none. */
  async function grant(
    exchange: Exchange,
    authorization: string | undefined,
    asked: TokenRequest,
  ): Promise<TokenAnswer> {
    // A cookie is no credential here: a browser would send it for whatever page asks.
    const signIn = await auth.signIn({ ...credentialsOf(exchange), authorization, cookie: undefined });
    switch (signIn.kind) {
      case 'anonymous':
        return auth.grants.toIdentity({ principal: ANONYMOUS }, asked);
      case 'signedIn':
        return auth.grants.toIdentity(signIn.identity, asked);
      case 'expired':
      case 'refused':
        throw refused();
      case 'limited':
        throw comeBackIn(signIn.retryAfterMs);
      default:
        return unreachable(signIn);
    }
  }

  function checkService(named: string | undefined): void {
    if (named === undefined || named === '' || named === service) return;
    throw new OciError('REQUEST_INVALID', `service: this one is ${service}`);
  }

  async function answerForm(body: z.infer<typeof FORM>, exchange: Exchange): Promise<TokenAnswer> {
    const asked = { scopes: [body.scope ?? ''], offline: body.access_type === 'offline' };
    if (body.grant_type === 'password') {
      const { username = '', password = '' } = body;
      if (username.includes(':')) throw refused();
      return grant(exchange, basicAuthorization(username, password), asked);
    }
    const answer = await auth.grants.toRefreshToken(body.refresh_token ?? '', asked);
    if (!answer) throw refused();
    return answer;
  }

  return [
    defineRoute({
      method: 'GET',
      path: TOKEN_PATH,
      visibility: 'open',
      summary: 'Gives a token for pulls and pushes',
      query: QUERY,
      answers: { 200: { description: 'The token', json: ANSWER } },
      handle: async ({ query }, exchange) => {
        checkService(query.service);
        const asked = { scopes: exchange.query.getAll('scope'), offline: query.offline_token === 'true' };
        exchange.respondJson(200, await grant(exchange, exchange.header('authorization'), asked));
      },
    }),
    defineRoute({
      method: 'POST',
      path: TOKEN_PATH,
      visibility: 'open',
      summary: 'Gives a token for pulls and pushes, for a password or a refresh token',
      body: FORM,
      forms: ['form'],
      answers: { 200: { description: 'The token', json: ANSWER } },
      handle: async ({ body }, exchange) => {
        checkService(body.service);
        exchange.respondJson(200, await answerForm(body, exchange));
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/auth/jwks.json',
      visibility: 'open',
      summary: 'The public keys that tokens are signed with',
      answers: { 200: { description: 'A JSON Web Key Set (RFC 7517)', json: KEY_SET } },
      handle: async (_asked, exchange) => exchange.respondJson(200, await auth.keys.published()),
    }),
  ];
}
