import {
  createLocalJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { OutboundError, type Outbound } from '../outbound/index.ts';
import { CoolingDown, createKept, type Kept } from './kept.ts';

/** The part of an OpenID Connect discovery document that is used here. */
export interface IssuerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
  readonly userinfo_endpoint?: string;
  readonly jwks_uri?: string;
  readonly token_endpoint_auth_methods_supported?: string[];
  readonly id_token_signing_alg_values_supported?: string[];
}

/** Why a token of another server is not taken. `unavailable`: its keys cannot be had just now. */
export type TokenFault =
  'malformed' | 'algorithm' | 'key' | 'signature' | 'issuer' | 'audience' | 'time' | 'unavailable';

export class TokenRefused extends Error {
  readonly fault: TokenFault;

  constructor(fault: TokenFault, cause?: unknown) {
    super(`the token is refused: ${fault}`, { cause });
    this.name = 'TokenRefused';
    this.fault = fault;
  }
}

export interface Issuer {
  /** Its URL, as in `iss`. */
  readonly url: string;
  /** What its discovery document says, or what was configured in its place. */
  metadata(): Promise<IssuerMetadata>;
  /** The claims of a token that it signed for one of the audiences and that holds now. Throws TokenRefused. */
  verify(token: string, audience: string | readonly string[]): Promise<JWTPayload>;
}

export interface IssuerDeps {
  readonly url: string;
  /** In place of what its discovery document says; with all three endpoints here, that is not asked for. */
  readonly overrides?: Partial<IssuerMetadata>;
  /** What its tokens may be signed with: never what a token itself, or a document, says. */
  readonly algorithms: readonly string[];
  readonly outbound: Outbound;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How far its clock may be from ours. */
  readonly toleranceSeconds?: number;
  /** Told when its document or its keys cannot be had: not more often than it is asked. */
  readonly onUnavailable?: ((issuer: string, failure: unknown) => void) | undefined;
}

const TIMES = { freshMs: 600_000, usableMs: 24 * 3_600_000, cooldownMs: 30_000 };
const TOLERANCE_SECONDS = 60;

/** The issuer at a URL. Its keys go on working for a day while it is away; keys not known by then are refused. */
export function createIssuer(deps: IssuerDeps): Issuer {
  const { url, overrides = {}, algorithms, outbound, clock, toleranceSeconds = TOLERANCE_SECONDS } = deps;
  const telling =
    <Value>(work: () => Promise<Value>): (() => Promise<Value>) =>
    async () => {
      try {
        return await work();
      } catch (failure) {
        deps.onUnavailable?.(url, failure);
        throw failure;
      }
    };
  const isComplete = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'].every((name) => name in overrides);
  const document = createKept({ ...TIMES, clock, fetch: telling(() => fetchDocument(outbound, url)) });
  const metadata = async (): Promise<IssuerMetadata> =>
    isComplete ? { issuer: url, ...overrides } : { ...(await document.get()), ...overrides };
  const keys = createKept({
    ...TIMES,
    clock,
    fetch: telling(async () => fetchKeys(outbound, overrides.jwks_uri ?? (await metadata()).jwks_uri)),
  });

  return {
    url,
    metadata,
    async verify(token, audience) {
      try {
        const { payload } = await jwtVerify(token, (header, input) => findKey(keys, header, input), {
          algorithms: [...algorithms],
          issuer: url,
          audience: typeof audience === 'string' ? audience : [...audience],
          requiredClaims: ['exp', 'iat', 'sub'],
          clockTolerance: toleranceSeconds,
          currentDate: new Date(clock()),
        });
        const { iat = Infinity } = payload;
        if (iat > clock() / 1000 + toleranceSeconds) throw new TokenRefused('time');
        return payload;
      } catch (thrown) {
        throw refusalOf(thrown);
      }
    },
  };
}

type Key = Awaited<ReturnType<JWTVerifyGetKey>>;

/** A key by the token's `kid`; one that is not known makes us ask the issuer once more, if it was not asked just now. */
async function findKey(kept: Kept<JWTVerifyGetKey>, ...asked: Parameters<JWTVerifyGetKey>): Promise<Key> {
  const known = await kept.get();
  try {
    return await known(...asked);
  } catch (unknown) {
    if (!(unknown instanceof errors.JWKSNoMatchingKey)) throw unknown;
    await kept.renew();
    const newer = await kept.get();
    if (newer === known) throw unknown;
    return newer(...asked);
  }
}

async function fetchJson(outbound: Outbound, url: URL): Promise<unknown> {
  const answer = await outbound.request(url, { headers: { accept: 'application/json' } });
  if (answer.status !== 200) throw new OutboundError('unreachable', `${url.host} answers ${answer.status}`);
  try {
    return JSON.parse(Buffer.from(answer.body).toString()) as unknown;
  } catch (cause) {
    throw new OutboundError('unreachable', `${url.host} answers with what is no JSON`, cause);
  }
}

/** OpenID Connect Discovery, section 4. What says that it is another issuer's is nobody's (section 4.3). */
async function fetchDocument(outbound: Outbound, issuer: string): Promise<IssuerMetadata> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const found = await fetchJson(outbound, url);
  if (typeof found !== 'object' || found === null || !('issuer' in found) || found.issuer !== issuer) {
    throw new OutboundError('unreachable', `${url.href} does not describe the issuer ${issuer}`);
  }
  return found as IssuerMetadata;
}

async function fetchKeys(outbound: Outbound, url: string | undefined): Promise<JWTVerifyGetKey> {
  if (url === undefined || !URL.canParse(url)) throw new OutboundError('unreachable', 'the issuer names no keys');
  const keySet = createLocalJWKSet((await fetchJson(outbound, new URL(url))) as JSONWebKeySet);
  return (header: JWTHeaderParameters, input) => keySet(header, input);
}

function refusalOf(thrown: unknown): TokenRefused {
  if (thrown instanceof TokenRefused) return thrown;
  return new TokenRefused(faultOf(thrown), thrown);
}

function faultOf(thrown: unknown): TokenFault {
  if (thrown instanceof OutboundError || thrown instanceof CoolingDown || thrown instanceof errors.JWKSInvalid) {
    return 'unavailable';
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (thrown instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (thrown instanceof errors.JWTExpired) return 'time';
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    if (thrown.claim === 'iss') return 'issuer';
    if (thrown.claim === 'aud') return 'audience';
    return ['exp', 'nbf', 'iat'].includes(thrown.claim) ? 'time' : 'malformed';
  }
  if (thrown instanceof errors.JWKSNoMatchingKey || thrown instanceof errors.JWKSMultipleMatchingKeys) return 'key';
  return 'malformed';
}
