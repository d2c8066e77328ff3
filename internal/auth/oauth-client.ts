import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  Configuration,
  customFetch,
  fetchUserInfo,
  None,
  type ClientAuth,
  type ServerMetadata,
} from 'openid-client';
import { asFetch, OutboundError, type Outbound } from '../outbound/index.ts';
import type { Claims } from './claims.ts';
import { TokenRefused, type IssuerMetadata } from './issuer.ts';
import { CoolingDown } from './kept.ts';
import { ProviderFailed, type Attempt } from './provider.ts';

/** How this server is known to a provider. */
export interface Registration {
  readonly clientId: string;
  /** Undefined: a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
}

export interface OAuthClientDeps {
  readonly metadata: () => Promise<IssuerMetadata>;
  readonly registration: Registration;
  readonly toleranceSeconds: number;
  readonly outbound: Outbound;
}

/** What a code was exchanged for. */
export interface Granted {
  readonly accessToken: string;
  /** With its claims, checked in all but the signature. */
  readonly idToken: string | undefined;
}

/** The authorization code flow with PKCE, for one registration at one provider. */
export interface OAuthClient {
  begin(attempt: Attempt): Promise<URL>;
  /** `withIdToken`: an ID token has to come, and its nonce to be the attempt's. */
  redeem(attempt: Attempt, query: URLSearchParams, withIdToken: boolean): Promise<Granted>;
  /** What the provider's userinfo endpoint says; undefined where it has none. */
  userInfo(accessToken: string, subject: string): Promise<Claims | undefined>;
}

function authOf(secret: string | undefined, supported: readonly string[] | undefined): ClientAuth {
  if (secret === undefined) return None();
  // OpenID Connect Discovery, section 3: what it does not say is client_secret_basic.
  return supported?.includes('client_secret_post') ? ClientSecretPost(secret) : ClientSecretBasic(secret);
}

export function createOAuthClient(deps: OAuthClientDeps): OAuthClient {
  const { metadata, registration, toleranceSeconds, outbound } = deps;
  const { clientId, clientSecret, scopes } = registration;

  async function configure(): Promise<Configuration> {
    const found = await metadata();
    const auth = authOf(clientSecret, found.token_endpoint_auth_methods_supported);
    const configuration = new Configuration(
      found as ServerMetadata,
      clientId,
      { [clockTolerance]: toleranceSeconds },
      auth,
    );
    configuration[customFetch] = asFetch(outbound);
    allowInsecureRequests(configuration); // whether a place may be reached without TLS is for `outbound` to say
    return configuration;
  }

  return {
    begin: (attempt) =>
      translating(async () =>
        buildAuthorizationUrl(await configure(), {
          redirect_uri: attempt.redirectUri,
          scope: scopes.join(' '),
          state: attempt.state,
          nonce: attempt.nonce,
          code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
          code_challenge_method: 'S256',
        }),
      ),
    redeem: (attempt, query, withIdToken) =>
      translating(async () => {
        const cameTo = new URL(attempt.redirectUri);
        cameTo.search = query.toString();
        const granted = await authorizationCodeGrant(await configure(), cameTo, {
          pkceCodeVerifier: attempt.verifier,
          expectedState: attempt.state,
          ...(withIdToken && { expectedNonce: attempt.nonce, idTokenExpected: true }),
        });
        return { accessToken: granted.access_token, idToken: granted.id_token };
      }),
    userInfo: (accessToken, subject) =>
      translating(async () => {
        const configuration = await configure();
        if (configuration.serverMetadata().userinfo_endpoint === undefined) return undefined;
        return fetchUserInfo(configuration, accessToken, subject);
      }),
  };
}

/** Whatever goes wrong at a provider, as what it means for the one who wants to sign in. */
export async function translating<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof ProviderFailed) throw thrown;
    throw isAway(thrown)
      ? new ProviderFailed('away', 'the provider cannot be reached', thrown)
      : new ProviderFailed('refused', 'the answer of the provider does not hold', thrown);
  }
}

/** The package wraps what our client throws. */
function isAway(thrown: unknown): boolean {
  if (thrown instanceof OutboundError || thrown instanceof CoolingDown) return true;
  if (thrown instanceof TokenRefused && thrown.fault === 'unavailable') return true;
  return thrown instanceof Error && thrown.cause !== undefined && isAway(thrown.cause);
}
