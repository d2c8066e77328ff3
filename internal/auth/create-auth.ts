import type { Catalog } from '../catalog/index.ts';
import { createActor } from './actor.ts';
import type { Auth } from './auth.ts';
import { createAuthenticator } from './authenticator.ts';
import { formatChallenge, type Scheme } from './challenge.ts';
import { findUser, type KnownUser } from './directory.ts';
import { createKnowledge, unavailable, type Facts } from './knowledge.ts';
import type { AuthConfig } from './options.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { anonymousBindings, createPolicySource } from './policies.ts';
import type { Binding, Policy } from './policy.ts';
import type { LoginGuard, SignInEvents, Workloads } from './ports.ts';
import { nameOf, type Principal } from './principal.ts';
import type { Method } from './sign-in.ts';
import { findSubject } from './subjects.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { createTokenGrants, type TokenGrants } from './token-grants.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createUseNotes } from './use-notes.ts';
import type { FileUsers } from './users-file.ts';

export interface AuthDeps {
  readonly scheme: Scheme;
  readonly config: AuthConfig;
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  readonly newId: () => string;
  /** The users of `auth.users_file` as they are now. */
  readonly file: () => FileUsers;
  /** How long a token may have to serve the upload that it began, after its time. */
  readonly uploadExpiryMs: number;
  /** The longest that any token is given for, besides those for pulls and pushes. */
  readonly longestTokenMs?: number;
  /** Bindings that the configuration makes, besides `auth.anonymous`. */
  readonly bindings?: readonly Binding[];
  readonly guard: LoginGuard;
  readonly events: SignInEvents;
  readonly workloads: Workloads;
  /** Further ways to sign in, made with what is here. */
  readonly methods?: (parts: AuthParts) => readonly Method[];
}

/** What further ways to sign in, and the paths below `/auth`, stand on. */
export interface AuthParts {
  readonly tokens: Tokens;
  readonly grants: TokenGrants;
  readonly keys: SigningKeys;
  readonly passwords: Passwords;
  /** What the catalog says just now, remembered until it changes. */
  facts(): Promise<Facts>;
  /** The users of `auth.users_file` as they are now. */
  readonly file: () => FileUsers;
  findUser(name: string): Promise<KnownUser | undefined>;
  /** What a binding's subject is just now: `user:alice`, `key:ci`, `anonymous`; undefined where it could not sign in. */
  findSubject(subject: string): Promise<Principal | undefined>;
  /** Notes that a user signed in just now; written with others, some time later. */
  noteSignIn(name: string): void;
  /** Who may do what just now. */
  policy(): Promise<Policy>;
  /** For so long after its time a token may be shown yet, for the upload that it began: until its key is dropped. */
  readonly shownAfterMs: number;
  /** Has the next request see what this process has changed. */
  renew(): void;
}

export interface AuthService extends Auth, AuthParts {
  /** As of the signing keys; UNAVAILABLE where they cannot be known. */
  secretsFor(purpose: string): Promise<readonly Uint8Array[]>;
  /** What has to be done from time to time, by one process at a time. */
  readonly chores: AuthChores;
  /** Writes what is gathered; the catalog must still be open. */
  close(): Promise<void>;
}

export interface AuthChores {
  /** A new signing key where it is time for one. */
  rotateKeys(): Promise<void>;
  /** Forgets tokens and invitations that are over; how many. */
  expireTokens(signal?: AbortSignal): Promise<number>;
}

const EXPIRE_BATCH = 500;
/** A key begins and goes so much later than it might: it is looked after from time to time only. */
const KEY_CHORES_MS = 3 * 60 * 60 * 1000;

/** Who asks, and what they may, over the catalog. */
export function createAuth(deps: AuthDeps): AuthService {
  const { scheme, config, catalog, clock, ticks, newId, file, uploadExpiryMs, longestTokenMs = 0, workloads } = deps;
  const service = config['auth.service'];
  const accessMs = config['auth.access_lifetime'];
  const knowledge = createKnowledge({ queries: catalog.queries, ticks });
  const facts = () => knowledge.now();
  const policySource = createPolicySource({
    file,
    configured: [...anonymousBindings(config['auth.anonymous']), ...(deps.bindings ?? [])],
  });
  const longestMs = Math.max(accessMs, longestTokenMs) + uploadExpiryMs;
  const keys = createSigningKeys({
    catalog,
    facts,
    renew: () => knowledge.renew(),
    clock,
    newId,
    rotationMs: config['auth.key_rotation'],
    longestTokenMs: longestMs,
  });
  const tokens = createTokens({ keys, clock, newId, service });
  const passwords = createPasswords({
    ticks,
    bcryptCost: () => (config['auth.users_file'] === undefined ? undefined : file().bcryptCost),
  });
  const subjects = { file, workloads, clock };
  const grants = createTokenGrants({
    ...subjects,
    catalog,
    facts,
    policy: policySource,
    learn: () => knowledge.learn(),
    tokens,
    accessMs,
    refreshMs: config['auth.refresh_lifetime'],
  });
  const keyUses = createUseNotes({ write: (uses) => catalog.run('noteKeyUses', { uses }), clock });
  const signIns = createUseNotes({ write: (uses) => catalog.run('noteSignIns', { signIns: uses }), clock });
  const parts: AuthParts = {
    tokens,
    grants,
    keys,
    passwords,
    facts,
    file,
    findUser: async (name) => findUser(name, file(), await facts()),
    findSubject: async (subject) => findSubject(subject, await facts(), subjects),
    noteSignIn: (name) => signIns.note(name),
    policy: async () => policySource(await facts()),
    shownAfterMs: config['auth.key_rotation'] + longestMs + KEY_CHORES_MS,
    renew: () => knowledge.renew(),
  };
  const { guard, events } = deps;
  const methods = deps.methods?.(parts) ?? [];
  const signIn = createAuthenticator({
    ...subjects,
    facts,
    passwords,
    tokens,
    methods,
    guard,
    events,
    keyUses,
    signIns,
  });

  return {
    ...parts,
    signIn: (credentials) =>
      orUnavailable(async () => {
        const first = await signIn(credentials);
        return first.kind === 'refused' && (await knowledge.learn()) ? signIn(credentials) : first;
      }),
    learn: () => knowledge.learn(),
    actorOf: (identity) => orUnavailable(async () => createActor(await parts.policy(), identity)),
    secretsFor: (purpose) => orUnavailable(() => keys.secretsFor(purpose)),
    ownsSession: (identity, repository, session) =>
      orUnavailable(async () => {
        const upload = await catalog.queries.findUpload(session);
        return upload?.repository === repository && upload.principal === nameOf(identity.principal);
      }),
    challenge: (challenge) => formatChallenge(scheme, service, challenge),
    chores: {
      rotateKeys: () => keys.rotate(),
      expireTokens: async (signal) => {
        let forgotten = 0;
        for (;;) {
          const last = await catalog.run('expireTokens', { nowMs: clock(), limit: EXPIRE_BATCH });
          forgotten += last;
          if (last < EXPIRE_BATCH || signal?.aborted) return forgotten;
        }
      },
    },
    close: async () => {
      await Promise.all([keyUses.flush(), signIns.flush(), passwords.close()]);
    },
  };
}

async function orUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    throw unavailable(failure);
  }
}
