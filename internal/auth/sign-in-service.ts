import { namesIn } from '../config/index.ts';
import type { Catalog, ProfileRow } from '../catalog/index.ts';
import type { Outbound } from '../outbound/index.ts';
import { createAccounts, type Accounts } from './accounts.ts';
import type { AuthService } from './create-auth.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { createLogins, type Logins, type LoginsDeps } from './logins.ts';
import type { SignInEvents } from './ports.ts';
import type { Provider } from './provider.ts';
import type { Sessions } from './sessions.ts';
import type { SignInConfig } from './sign-in-options.ts';
import { createWorkloadTokens, type WorkloadTokensDeps } from './workload-tokens.ts';
import type { WorkloadRules } from './workloads.ts';

/** All ways to sign in that have paths of their own. */
export interface SignInService extends Exchange {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly logins: Logins;
  /** Undefined for users who are not in the catalog. */
  profileOf(name: string): Promise<Profile | undefined>;
}

/** What is known of a user, for people to see. */
export interface Profile extends Partial<ProfileRow> {
  readonly email: string | undefined;
  readonly displayName: string | undefined;
}

export interface SignInDeps {
  readonly config: SignInConfig & { readonly 'auth.refresh_lifetime': number };
  /** `server.public_url` without a slash at its end; empty where it is not set. */
  readonly publicUrl: string;
  readonly auth: AuthService;
  readonly catalog: Catalog;
  readonly sessions: Sessions;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly workloads: WorkloadRules;
  readonly outbound: Outbound;
  readonly events: SignInEvents;
  readonly onLoginFailure: LoginsDeps['onFailure'];
  readonly onUnavailable: NonNullable<WorkloadTokensDeps['onUnavailable']>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export function createSignIn(deps: SignInDeps): SignInService {
  const { config, publicUrl, auth, catalog, sessions, providers, workloads, outbound, events, clock } = deps;
  const accounts = createAccounts({
    parts: auth,
    signIn: (credentials) => auth.signIn(credentials),
    catalog,
    clock,
    allowsRegistration: config['auth.allow_registration'],
    tokenMs: config['auth.login_lifetime'],
    refreshMs: config['auth.refresh_lifetime'],
  });
  const logins = createLogins({
    providers,
    redirectUris: redirectUris(config),
    publicUrl,
    tokens: auth.tokens,
    catalog,
    reserved: () => [...auth.file().users.keys()],
    renew: () => auth.renew(),
    events,
    noteSignIn: (name) => auth.noteSignIn(name),
    onFailure: deps.onLoginFailure,
    clock,
  });
  const workloadTokens = createWorkloadTokens({
    rules: () => workloads.list(),
    outbound,
    clock,
    onUnavailable: deps.onUnavailable,
    useOnce: (name, expiresMs) => catalog.run('useOnce', { name, nowMs: clock(), expiresMs }),
  });
  return {
    accounts,
    sessions,
    logins,
    async profileOf(name) {
      const [profile, user] = await Promise.all([catalog.queries.findProfile(name), catalog.queries.findUser(name)]);
      return user && { ...profile, email: user.email, displayName: user.displayName };
    },
    ...createExchange({ workloadTokens, tokens: auth.tokens, events, lifetimeMs: config['auth.exchange_lifetime'] }),
  };
}

function redirectUris(config: SignInConfig): ReadonlyMap<string, string> {
  return new Map(
    namesIn(config, 'auth.oauth').flatMap((name) => {
      const uri = config[`auth.oauth.${name}.redirect_uri`];
      return uri === undefined ? [] : [[name, uri] as const];
    }),
  );
}
