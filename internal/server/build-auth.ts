import { v4 } from 'uuid';
import {
  auditSignIns,
  createAdministration,
  createAuth,
  NO_FILE_USERS,
  openUsersFile,
  type Administration,
  type Audit,
  type AuthService,
  type Binding,
  type FileRoles,
  type Limits,
  type Method,
  type Policy,
  type SignInService,
} from '../auth/index.ts';
import type { Catalog } from '../catalog/index.ts';
import { createOutbound } from '../outbound/index.ts';
import type { Job } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import { translated } from '../registry/index.ts';
import { buildSignIn } from './build-sign-in.ts';
import { LEASE_MS } from './job-times.ts';
import { toldByStores } from './look-before-serving.ts';
import type { Config } from './options.ts';

export interface BuildAuthDeps {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly log: Logger;
  readonly version: string;
  readonly clock: () => number;
  readonly ticks: () => number;
  /** Further ways to sign in, asked before those that the configuration has. */
  readonly methods?: readonly Method[] | undefined;
  /** What roles mean in `auth.users_file`, where that is not what they mean here. */
  readonly fileRoles?: FileRoles | undefined;
  /** Who may what besides, where there is no `auth.users_file`. */
  readonly bindings?: readonly Binding[] | undefined;
  /** Aborts when the process ends. */
  readonly signal: AbortSignal;
}

const ROTATE_MS = 60 * 60 * 1000;
const EXPIRE_MS = 60 * 60 * 1000;
const COUNTS_AT_ONCE = 1000;

export interface BuiltAuth {
  readonly auth: AuthService;
  readonly signIn: SignInService;
  /** Who there is and who may do what, for administrators. */
  readonly administration: Administration;
  close(): Promise<void>;
}

/** Who asks, and what they may; undefined where nobody is asked to sign in. */
export async function buildAuth(deps: BuildAuthDeps): Promise<BuiltAuth | undefined> {
  if (deps.config['auth.mode'] === 'none') return undefined;
  const built = await assembleAuth(deps);
  // Of several servers that start at once all know the first key before they serve. A database that is away just now is
  // no reason not to start.
  await built.auth.chores.rotateKeys().catch((error: unknown) => {
    if (!toldByStores(deps.config)(error)) deps.log.warn('There is no key for tokens yet', { error });
  });
  const policy = await built.auth.policy().catch(() => undefined); // the database is away: whoever asks hears of it
  if (policy && !hasAdmin(policy) && !deps.methods) {
    deps.log.warn('Nobody may administer this server yet: add somebody who may', {
      command: 'octoserve user add NAME --admin',
    });
  }
  built.auth.renew(); // the first request is to know whoever was added meanwhile
  return built;
}

function hasAdmin({ bindings, roles }: Policy): boolean {
  return [...bindings.values()].flat().some(({ role, pattern }) => pattern === '**' && roles.get(role)?.has('admin'));
}

/** The same, whatever the mode, and without a change to the catalog. */
export async function assembleAuth(deps: BuildAuthDeps): Promise<BuiltAuth> {
  const { config, catalog, audit, limits, log, version, clock, ticks, signal } = deps;
  const path = config['auth.users_file'];
  const onHangUp = (reload: () => void): void => {
    process.on('SIGHUP', reload);
    signal.addEventListener('abort', () => process.off('SIGHUP', reload), { once: true });
  };
  const users =
    path === undefined ? undefined : await openUsersFile(path, log, { signal, onHangUp, roles: deps.fileRoles });
  const noFile = { ...NO_FILE_USERS, bindings: deps.bindings ?? [] };
  const outbound = createOutbound({
    allowedNetworks: config['outbound.allow_networks'],
    timeoutMs: config['outbound.timeout'],
    version,
  });
  const signIn = await buildSignIn({ config, catalog, audit, outbound, log, clock });
  const auth = createAuth({
    ...signIn.forAuth,
    methods: (parts) => [...(deps.methods ?? []), ...signIn.forAuth.methods(parts)],
    scheme: config['auth.mode'] === 'basic' ? 'basic' : 'token',
    config,
    catalog,
    clock,
    ticks,
    newId: v4,
    file: () => users?.current() ?? noFile,
    uploadExpiryMs: config['registry.upload_expiry'],
    guard: limits.guard,
    events: auditSignIns(audit),
  });
  const service = signIn.complete(auth);
  const {
    users: people,
    keys,
    rules,
    workloads,
  } = createAdministration({
    isFileUser: (name) => users?.current().users.has(name) ?? false,
    catalog,
    passwords: auth.passwords,
    clock,
    renew: () => auth.renew(),
    configured: signIn.configured,
    audience: config['server.public_url'],
  });
  // With the failures of the catalog in the terms of clients.
  return {
    auth,
    signIn: {
      ...translated(service),
      accounts: translated(service.accounts),
      sessions: translated(service.sessions),
      logins: translated(service.logins),
    },
    administration: {
      users: translated(people),
      keys: translated(keys),
      rules: translated(rules),
      workloads: translated(workloads),
    },
    close: async () => {
      await Promise.all([auth.close(), outbound.close()]);
    },
  };
}

/** What has to be done for it from time to time. */
export function authJobs(
  { chores }: AuthService,
  { catalog, clock }: Pick<BuildAuthDeps, 'catalog' | 'clock'>,
): readonly Job[] {
  return [
    {
      name: 'rotate-signing-keys',
      intervalMs: ROTATE_MS,
      leaseMs: LEASE_MS,
      run: () => chores.rotateKeys(),
    },
    {
      name: 'expire-tokens',
      intervalMs: EXPIRE_MS,
      leaseMs: LEASE_MS,
      run: async (signal) => void (await chores.expireTokens(signal)),
    },
    {
      name: 'expire-limits',
      intervalMs: EXPIRE_MS,
      leaseMs: LEASE_MS,
      run: async (signal) => {
        while (!signal.aborted) {
          const counts = { beforeMs: clock(), limit: COUNTS_AT_ONCE };
          if ((await catalog.run('expireCounts', counts)) < COUNTS_AT_ONCE) return;
        }
      },
    },
  ];
}
