import { OciError, unreachable } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import { createActor } from './actor.ts';
import { hashSecret, isRefreshToken, newRefreshToken } from './api-key.ts';
import { findUser } from './directory.ts';
import type { Facts } from './knowledge.ts';
import type { Policy } from './policy.ts';
import type { Identity, Principal } from './principal.ts';
import { grantScopes, parseScopes, type AccessClaim, type AskedScope } from './scopes.ts';
import { findPrincipal, type Subject, type SubjectDeps } from './subjects.ts';
import type { Tokens } from './tokens.ts';

/** What a client asks the token endpoint for. */
export interface TokenRequest {
  /** The `scope` parameters, as they came. */
  readonly scopes: readonly string[];
  /** Whether it wants a refresh token, to sign in once and not each time. */
  readonly offline: boolean;
}

/** As the token endpoint answers (docker's token specification, RFC 6749). */
export interface TokenAnswer {
  readonly token: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly issued_at: string;
  readonly scope: string;
  readonly refresh_token?: string;
}

/** Gives tokens for pulls and pushes. */
export interface TokenGrants {
  /** To whoever signed in, or to anonymous: what of the asked is allowed. */
  toIdentity(identity: Identity, request: TokenRequest): Promise<TokenAnswer>;
  /** To whoever has a refresh token; undefined where it is none, or over. */
  toRefreshToken(text: string, request: TokenRequest): Promise<TokenAnswer | undefined>;
  /** Makes a refresh token for a principal that signed in. */
  refreshTokenFor(subject: Subject): Promise<string>;
}

export interface TokenGrantsDeps extends SubjectDeps {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly facts: () => Promise<Facts>;
  readonly policy: (facts: Facts) => Promise<Policy>;
  /** Whether rules changed since they were last looked at. */
  readonly learn: () => Promise<boolean>;
  readonly tokens: Tokens;
  readonly accessMs: number;
  readonly refreshMs: number;
}

export function createTokenGrants(deps: TokenGrantsDeps): TokenGrants {
  const { catalog, facts, policy, learn, tokens, accessMs, refreshMs, clock } = deps;

  async function grant(subject: Subject, identity: Identity, request: TokenRequest): Promise<TokenAnswer> {
    const asked = parseScopes(request.scopes);
    const mayList = identity.scope?.catalog ?? true; // whoever has all that its principal may
    const grantNow = async (): Promise<readonly AccessClaim[]> => {
      const actor = createActor(await policy(await facts()), identity);
      return grantScopes(asked, (action, repository) => actor.may(action, repository), mayList);
    };
    const first = await grantNow();
    const access = wordsOf(first) < wordsAsked(asked) && (await learn()) ? await grantNow() : first;
    const lifeMs = Math.min(accessMs, (identity.untilMs ?? Infinity) - clock());
    const seconds = Math.max(1, Math.ceil(lifeMs / 1000));
    const { text, issuedMs, expiresInS } = await tokens.issue({ ...subject, access }, seconds);
    return {
      token: text,
      access_token: text,
      expires_in: expiresInS,
      issued_at: new Date(issuedMs).toISOString(),
      scope: access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`).join(' '),
    };
  }

  async function refreshTokenFor({ subject, generation }: Subject): Promise<string> {
    const text = newRefreshToken();
    const nowMs = clock();
    const row = { subject, generation, scope: undefined, nowMs, expiresMs: nowMs + refreshMs };
    await catalog.run('addRefreshToken', { ...row, hash: hashSecret(text) });
    return text;
  }

  return {
    toIdentity: async (identity, request) => {
      const subject = await subjectOf(identity.principal, await facts(), deps);
      const answer = await grant(subject, identity, request);
      // Whoever came with a token gets none that outlives it: one that leaked would be good for ever.
      const mayStay = /^(?:user|key)$/.test(identity.principal.kind) && identity.untilMs === undefined;
      return request.offline && mayStay ? { ...answer, refresh_token: await refreshTokenFor(subject) } : answer;
    },
    toRefreshToken: async (text, request) => {
      const row = isRefreshToken(text) ? await catalog.queries.findRefreshToken(hashSecret(text)) : undefined;
      if (!row || row.expiresMs <= clock()) return undefined;
      const principal = await findPrincipal(row, await facts(), deps);
      // The client goes on with the one that it has: docker keeps no other.
      return principal && { ...(await grant(row, { principal }, request)), refresh_token: text };
    },
    refreshTokenFor,
  };
}

const wordsOf = (access: readonly AccessClaim[]): number => access.flatMap(({ actions }) => actions).length;
const wordsAsked = (asked: readonly AskedScope[]): number =>
  asked.reduce((sum, scope) => sum + (scope.kind === 'repository' ? scope.words.length : 1), 0);

/** How a token names the principal, to find it again. */
export async function subjectOf(principal: Principal, facts: Facts, deps: SubjectDeps): Promise<Subject> {
  switch (principal.kind) {
    case 'anonymous':
      return { subject: 'anonymous', generation: 0 };
    case 'workload':
      return { subject: `workload:${principal.name}`, generation: 0, workload: principal.subject };
    case 'user': {
      const known = await findUser(principal.name, deps.file(), facts);
      if (!known) throw new OciError('UNAUTHORIZED');
      return { subject: `user:${principal.name}`, generation: known.generation };
    }
    case 'key': {
      const row = await facts.key(principal.name);
      if (!row) throw new OciError('UNAUTHORIZED');
      return { subject: `key:${principal.name}`, generation: row.createdMs };
    }
    default:
      return unreachable(principal);
  }
}
