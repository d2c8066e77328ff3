import {
  auditSignIns,
  configuredRules,
  createCertificateMethod,
  createProviders,
  createSessions,
  createSignIn,
  createWorkloads,
  mappedBindings,
  parseCertificateRule,
  type Audit,
  type AuthDeps,
  type AuthService,
  type Sessions,
  type SignInService,
  type WorkloadRule,
} from '../auth/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Logger } from '../log/index.ts';
import type { Outbound } from '../outbound/index.ts';
import type { Config } from './options.ts';

export interface BuildSignInDeps {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly audit: Audit;
  readonly outbound: Outbound;
  readonly log: Logger;
  readonly clock: () => number;
}

/** Signing in by the word of others: what the core of it is to know of that, and the paths that it has of its own. */
export interface BuiltSignIn {
  /** The rules of the configuration for jobs of CIs. */
  readonly configured: readonly WorkloadRule[];
  readonly forAuth: Required<Pick<AuthDeps, 'bindings' | 'workloads' | 'methods' | 'longestTokenMs'>>;
  /** To be called once there is a core. */
  complete(auth: AuthService): SignInService;
}

export async function buildSignIn(deps: BuildSignInDeps): Promise<BuiltSignIn> {
  const { config, catalog, audit, outbound, log, clock } = deps;
  const publicUrl = config['server.public_url'] ?? '';
  const onUnavailable = (issuer: string, error: unknown): void =>
    log.warn('An issuer of tokens cannot be asked for its keys', { issuer, error });
  const providers = await createProviders({ config, outbound, clock, onUnavailable });
  const audience = publicUrl === '' ? undefined : publicUrl;
  let core: AuthService | undefined;
  let sessions: Sessions | undefined;
  const made = <Part>(part: Part | undefined): Part => {
    if (!part) throw new Error('the core of auth is there before it is asked');
    return part;
  };
  const configured = configuredRules(config, audience);
  const workloads = createWorkloads({
    configured,
    listRows: () => catalog.queries.listWorkloadRules(),
    facts: () => made(core).facts(),
    audience,
    onInvalid: ({ message }) => log.warn('A workload rule of the catalog has no effect', { reason: message }),
  });
  return {
    configured,
    forAuth: {
      bindings: mappedBindings(new Map([...providers].map(([name, { rules }]) => [name, rules]))),
      workloads,
      longestTokenMs: Math.max(config['auth.login_lifetime'], config['auth.exchange_lifetime']),
      methods: (parts) => {
        sessions = createSessions({
          catalog,
          facts: () => parts.facts(),
          findUser: (name) => parts.findUser(name),
          renew: () => parts.renew(),
          clock,
          lifetimeMs: config['auth.session_lifetime'],
        });
        const rules = config['auth.certificates'].flatMap((text) => parseCertificateRule(text) ?? []);
        return [sessions.method, createCertificateMethod(rules, (name) => parts.findUser(name))];
      },
    },
    complete(auth) {
      core = auth;
      const events = auditSignIns(audit);
      const parts = { sessions: made(sessions), providers, workloads };
      const onLoginFailure = (provider: string, reason: string): void =>
        log.warn('Signing in through a provider failed', { provider, reason });
      const told = { events, onLoginFailure, onUnavailable };
      return createSignIn({ config, publicUrl, auth, catalog, ...parts, outbound, ...told, clock });
    },
  };
}
