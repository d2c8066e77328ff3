import type { Administration } from '../auth/index.ts';
import type { Exchange, Gate } from '../http/index.ts';
import type { DocumentedRoute } from './openapi.ts';
import type { AdminRoute } from './route.ts';
import { createRouter, type LimitStranger } from './router.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { keyRoutes } from './routes/keys.ts';
import { ruleRoutes } from './routes/rules.ts';
import { tokenRoutes, type TokenDeps } from './routes/tokens.ts';
import { userRoutes } from './routes/users.ts';
import { workloadRoutes } from './routes/workloads.ts';
import { auditRoute, type AuditDeps } from './routes/audit.ts';
import { accountRoutes, type AccountDeps } from './routes/accounts.ts';
import { backupRoutes, type BackupRouteDeps } from './routes/backups.ts';
import { exchangeRoute } from './routes/exchange.ts';
import { loginRoutes } from './routes/logins.ts';
import { gcRoutes, type GcRouteDeps } from './routes/gc.ts';
import { historyRoutes, type HistoryRouteDeps } from './routes/history.ts';
import { metricsRoute, type MetricsPage } from './routes/metrics.ts';
import { openApiRoute } from './routes/openapi.ts';
import { profileRoutes } from './routes/profile.ts';
import { retentionRoute, type RetentionRouteDeps } from './routes/retention.ts';
import { scrubRoutes, type ScrubRouteDeps } from './routes/scrub.ts';
import { storageRoutes, type StorageRouteDeps } from './routes/storage.ts';
import { probeRoutes, type ProbeDeps } from './routes/probes.ts';

export interface AdminDeps
  extends
    ProbeDeps,
    AuditDeps,
    BackupRouteDeps,
    GcRouteDeps,
    HistoryRouteDeps,
    RetentionRouteDeps,
    ScrubRouteDeps,
    StorageRouteDeps {
  /**
   * Undefined where nobody is asked to sign in: whoever comes by then is not to make himself a user for the day when
   * one is.
   */
  readonly people: (TokenDeps & { readonly administration: Administration }) | undefined;
  /** Undefined where `metrics.enabled` is false. */
  readonly metrics: MetricsPage | undefined;
  /** Undefined where nobody is asked to sign in. */
  readonly accounts: AccountDeps | undefined;
  /** Asked before every route that is not open. */
  readonly gate: Gate;
  /** Asked before those that are. */
  readonly limitStranger: LimitStranger;
  /** Routes of other surfaces, which the OpenAPI document tells of too. */
  readonly otherRoutes: readonly DocumentedRoute[];
}

export interface Admin {
  /** All that it answers to. */
  readonly routes: readonly AdminRoute[];
  /** Answers a request. */
  readonly handle: (exchange: Exchange) => void;
}

/** The product's own paths on the main listener: probes, metrics, administration, and what stands at `/`. */
export function createAdmin(deps: AdminDeps): Admin {
  const { version, metrics, accounts, people, gate, limitStranger, otherRoutes } = deps;
  const own = [
    ...probeRoutes(deps),
    auditRoute(deps),
    ...gcRoutes(deps),
    ...backupRoutes(deps),
    ...scrubRoutes(deps),
    ...historyRoutes(deps),
    retentionRoute(deps),
    ...storageRoutes(deps),
    ...(metrics ? [metricsRoute(metrics)] : []),
    ...(accounts ? signInRoutes(accounts) : []),
    ...(people ? peopleRoutes(people) : []),
  ];
  const routes = [...own, openApiRoute(version, [...otherRoutes, ...own])];
  return { routes, handle: createRouter(routes, gate, limitStranger) };
}

const signInRoutes = (deps: AccountDeps): readonly AdminRoute[] => [
  ...accountRoutes(deps),
  ...profileRoutes(deps),
  ...loginRoutes(deps.signIn),
  exchangeRoute(deps.signIn),
];

const peopleRoutes = (people: NonNullable<AdminDeps['people']>): readonly AdminRoute[] => [
  ...tokenRoutes(people),
  ...invitationRoutes(people.administration),
  ...userRoutes(people.administration),
  ...keyRoutes(people.administration),
  ...ruleRoutes(people.administration),
  ...workloadRoutes(people.administration),
];
