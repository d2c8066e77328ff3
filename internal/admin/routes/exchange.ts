import * as z from 'zod';
import { OciError } from '../../../pkg/oci/index.ts';
import type { SignInService, WorkloadFault } from '../../auth/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { bearerOf, fromOf } from './accounts.ts';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const ASKED = z
  .object({
    token: z.string().max(16_384).optional().describe('The token of the CI'),
    rule: z.string().max(64).optional().describe('The rule by which the job comes, where several fit'),
    grant_type: z.literal(TOKEN_EXCHANGE).optional(),
    subject_token: z.string().max(16_384).optional().describe('The token of the CI, as RFC 8693 calls it'),
    subject_token_type: z.string().max(128).optional(),
  })
  .optional();

const GIVEN = z.object({
  token: z.string(),
  access_token: z.string(),
  issued_token_type: z.literal(ACCESS_TOKEN),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  issued_at: z.iso.datetime(),
  username: z.string().describe('To be given to docker login with the token as the password'),
  principal: z.string(),
});

const REASONS: Readonly<Record<Exclude<WorkloadFault, 'unavailable'>, string>> = {
  malformed: 'the token is no signed token, or lacks what every token has to say',
  algorithm: 'the token is signed in a way that is not taken',
  key: 'the token is signed by a key that its issuer does not have',
  signature: 'the signature of the token is wrong',
  issuer: 'no rule takes tokens of this issuer',
  rule: 'no rule takes tokens of this issuer',
  audience: 'the token is for another audience',
  time: 'the token is over, or not good yet',
  claims: 'no rule takes a token that says this',
  replayed: 'the token was used already',
};

/** A short token for the one that a CI gives its jobs, so that pipelines push without a stored secret. */
export function exchangeRoute(signIn: SignInService): AdminRoute {
  return defineRoute({
    method: 'POST',
    path: '/auth/exchange',
    visibility: 'open',
    summary: 'Gives a short token for a token of a CI',
    body: ASKED,
    forms: ['json', 'form'],
    answers: {
      200: { description: 'A token to push with', json: GIVEN },
      401: { description: 'Why the token was not taken' },
    },
    handle: async ({ body }, exchange) => {
      const token = body?.token ?? body?.subject_token ?? bearerOf(exchange);
      if (token === undefined) throw new OciError('REQUEST_INVALID', 'token: the token of the CI');
      const exchanged = await signIn.exchange(token, body?.rule, fromOf(exchange));
      if (exchanged.kind === 'refused') {
        const { fault } = exchanged;
        if (fault === 'unavailable') throw new OciError('UNAVAILABLE', 'the issuer of the token cannot be reached');
        throw new OciError('UNAUTHORIZED', REASONS[fault]);
      }
      const { text, issuedMs, expiresInS } = exchanged.token;
      exchange.respondJson(200, {
        token: text,
        access_token: text,
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: expiresInS,
        issued_at: new Date(issuedMs).toISOString(),
        username: 'workload',
        principal: exchanged.principal,
      });
    },
  });
}
