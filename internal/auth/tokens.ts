import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { AccessClaim } from './scopes.ts';
import { ALGORITHM, type SigningKeys } from './signing-keys.ts';

/** What a token of ours says. */
export interface TokenClaims {
  /** As in bindings: `user:alice`, `key:ci`, `workload:deploy`, `anonymous`. */
  readonly subject: string;
  /** The generation of the user or key that it was given to. */
  readonly generation: number;
  /** What it is good for; undefined: for all that its subject may. */
  readonly access: readonly AccessClaim[] | undefined;
  /** Of a workload: what its own token says that it is. */
  readonly workload?: string | undefined;
}

export interface IssuedToken {
  readonly text: string;
  readonly id: string;
  readonly issuedMs: number;
  readonly expiresInS: number;
}

/** `expired`: right in all else. */
export type Verified =
  | Readonly<{ kind: 'valid' | 'expired'; claims: TokenClaims; id: string; expiresMs: number }>
  | Readonly<{ kind: 'invalid' }>;

export interface Tokens {
  issue(claims: TokenClaims, seconds: number): Promise<IssuedToken>;
  verify(text: string): Promise<Verified>;
  /** Something of ours that a client keeps for us, for one purpose: it can read it, and not change it. */
  seal(value: Readonly<Record<string, unknown>>, purpose: string, seconds: number): Promise<string>;
  /** What was sealed for that purpose; undefined where it is too old, or not what we sealed. */
  unseal(text: string, purpose: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export interface TokensDeps {
  readonly keys: Pick<SigningKeys, 'signer' | 'verifier'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly newId: () => string;
  /** Who issues them, and whom they are for. */
  readonly service: string;
}

const TYPE = 'at+jwt'; // RFC 9068: no other JWT of ours passes for an access token
const SEALED = 'octoserve-sealed+jwt';
/** Seconds by which clocks of replicas may differ. */
const TOLERANCE_S = 5;
/** No access token is longer; what is, is not looked at. */
const LONGEST = 16 * 1024;
const REQUIRED = ['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'jti'];

/** Whether it may be a token of ours: three parts, as long as one. */
export const looksLikeToken = (text: string): boolean =>
  text.length <= LONGEST && /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text);

export function createTokens({ keys, clock, newId, service }: TokensDeps): Tokens {
  async function sign(payload: JWTPayload, typ: string, audience: string, seconds: number): Promise<IssuedToken> {
    const { kid, key } = await keys.signer();
    const issuedMs = clock();
    const issuedS = Math.floor(issuedMs / 1000);
    const id = newId();
    const text = await new SignJWT(payload)
      .setProtectedHeader({ alg: ALGORITHM, kid, typ })
      .setIssuer(service)
      .setAudience(audience)
      .setIssuedAt(issuedS)
      .setNotBefore(issuedS)
      .setExpirationTime(issuedS + seconds)
      .setJti(id)
      .sign(key);
    return { text, id, issuedMs, expiresInS: seconds };
  }

  /** The claims of what we signed; undefined where it is none of ours. */
  async function open(text: string, typ: string, audience: string) {
    const options = {
      algorithms: [ALGORITHM], // pinned: `none`, or a public key as an HMAC secret, are no keys of ours
      typ,
      issuer: service,
      audience,
      requiredClaims: REQUIRED,
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(clock()),
    };
    try {
      // The key is one of ours by its id: whatever key or address of keys a token brings along is not looked at.
      const { payload } = await jwtVerify(
        text,
        async ({ kid = '' }) => {
          const key = await keys.verifier(kid);
          if (!key) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        options,
      );
      return { kind: 'valid' as const, payload };
    } catch (failure) {
      if (failure instanceof errors.JWTExpired) return { kind: 'expired' as const, payload: failure.payload };
      if (failure instanceof errors.JOSEError) return undefined;
      throw failure;
    }
  }

  return {
    issue: ({ subject, generation, access, workload }, seconds) =>
      sign({ sub: subject, gen: generation, access, workload }, TYPE, service, seconds),

    verify: async (text) => {
      const opened = looksLikeToken(text) ? await open(text, TYPE, service) : undefined;
      const claims = opened && claimsOf(opened.payload);
      const { jti: id = '', exp = 0 } = opened?.payload ?? {};
      if (!opened || !claims) return { kind: 'invalid' };
      return { kind: opened.kind, claims, id, expiresMs: exp * 1000 };
    },

    seal: async (value, purpose, seconds) =>
      (await sign({ sub: purpose, value }, SEALED, `${service} ${purpose}`, seconds)).text,

    unseal: async (text, purpose) => {
      const opened = looksLikeToken(text) ? await open(text, SEALED, `${service} ${purpose}`) : undefined;
      return opened?.kind === 'valid' ? (opened.payload['value'] as Readonly<Record<string, unknown>>) : undefined;
    },
  };
}

/** We signed it, so it is as we write it; but a later version may write others. */
function claimsOf({ sub, gen, access, workload }: JWTPayload): TokenClaims | undefined {
  if (typeof sub !== 'string' || typeof gen !== 'number') return undefined;
  if (access !== undefined && !Array.isArray(access)) return undefined;
  return {
    subject: sub,
    generation: gen,
    access: access as readonly AccessClaim[] | undefined,
    workload: typeof workload === 'string' ? workload : undefined,
  };
}
