import type { Catalog } from '../catalog/index.ts';
import type { Auth } from './auth.ts';
import { hashSecret, isRefreshToken, newRefreshToken } from './api-key.ts';
import type { AuthParts } from './create-auth.ts';
import { describeIdentity, type Described } from './described.ts';
import { isUserName } from './names.ts';
import { nameOf, type Identity } from './principal.ts';
import type { SignIn } from './sign-in.ts';

/** A token with which somebody does all that they may. */
export interface GivenTokens {
  readonly user: Described;
  /** Of the user, as sessions have it. */
  readonly generation: number;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
}

/** Where a request comes from. */
export interface From {
  readonly address: string;
  readonly requestId: string;
}

export type Registered =
  Readonly<{ kind: 'registered'; name: string }> | Readonly<{ kind: 'closed' | 'taken' | 'badName' | 'badPassword' }>;

/** What people do with their own account. */
export interface Accounts {
  /** By a password, and nothing else. */
  signIn(name: string, password: string, from: From): Promise<SignIn>;
  /** Makes a user of one's own, where that is allowed. */
  register(user: NewUser, from: From): Promise<Registered>;
  /** Tokens for a user who signed in. */
  giveTokens(name: string): Promise<GivenTokens | undefined>;
  /** New tokens for a refresh token, which is none any more; undefined where it was none. */
  refresh(refreshToken: string): Promise<GivenTokens | undefined>;
  /** New tokens for a token of ours that is good for all its user may; undefined where it is none. */
  renew(accessToken: string): Promise<GivenTokens | undefined>;
  /** Ends a token, and the refresh token with it; whether it was one. */
  signOut(accessToken: string, refreshToken: string | undefined, from: From): Promise<boolean>;
  describe(identity: Identity): Promise<Described>;
}

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly email: string | undefined;
}

export interface AccountsDeps {
  readonly parts: AuthParts;
  readonly signIn: Auth['signIn'];
  readonly catalog: Pick<Catalog, 'run'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly allowsRegistration: boolean;
  readonly tokenMs: number;
  readonly refreshMs: number;
}

/** Marks refresh tokens of a login: those of docker give tokens for pulls and pushes alone. */
const LOGIN_SCOPE = '"login"';
const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 1024;

export function createAccounts(deps: AccountsDeps): Accounts {
  const { parts, catalog, clock, tokenMs, refreshMs, allowsRegistration } = deps;
  const { tokens } = parts;

  /** What a token says that is a user's, good for all, valid, and not given back. */
  async function verified(accessToken: string) {
    const token = await tokens.verify(accessToken);
    if (token.kind !== 'valid' || token.claims.access || !token.claims.subject.startsWith('user:')) return undefined;
    return (await (await parts.facts()).isRevoked(token.id)) ? undefined : token.claims;
  }

  async function issue(name: string, generation: number, refreshToken: string): Promise<GivenTokens | undefined> {
    const known = await parts.findUser(name);
    if (!known || known.isDisabled || known.generation !== generation) return undefined;
    const subject = `user:${name}`;
    const given = await tokens.issue({ subject, generation, access: undefined }, Math.floor(tokenMs / 1000));
    return {
      user: describeIdentity(await parts.policy(), { principal: { kind: 'user', ...known.user } }),
      generation,
      accessToken: given.text,
      refreshToken,
      expiresInSeconds: given.expiresInS,
      expiresMs: given.issuedMs + given.expiresInS * 1000,
    };
  }

  async function giveNew(name: string, generation: number): Promise<GivenTokens | undefined> {
    const refreshToken = newRefreshToken();
    const nowMs = clock();
    const row = { hash: hashSecret(refreshToken), subject: `user:${name}`, generation, scope: LOGIN_SCOPE };
    await catalog.run('addRefreshToken', { ...row, nowMs, expiresMs: nowMs + refreshMs });
    return issue(name, generation, refreshToken);
  }

  return {
    signIn: async (name, password, from) => {
      if (!isUserName(name) || password === '') return { kind: 'refused' };
      // A token in the place of the password would get one that is good for more, or for longer.
      if ((await tokens.verify(password)).kind !== 'invalid') return { kind: 'refused' };
      const credentials = Buffer.from(`${name}:${password}`).toString('base64');
      const sent = { authorization: `Basic ${credentials}`, cookie: undefined, certificate: undefined };
      const signedIn = await deps.signIn({ ...sent, ...from });
      // So would a key.
      const isOther = signedIn.kind === 'signedIn' && nameOf(signedIn.identity.principal) !== `user:${name}`;
      return isOther || signedIn.kind === 'anonymous' ? { kind: 'refused' } : signedIn;
    },

    async register({ name, password, email }, from) {
      if (!allowsRegistration) return { kind: 'closed' };
      if (!isUserName(name)) return { kind: 'badName' };
      if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD) return { kind: 'badPassword' };
      parts.renew();
      // Rights that wait for somebody of that name are not for the first who comes.
      const isAwaited = (await parts.policy()).bindings.has(`user:${name}`);
      if (isAwaited || (await parts.findUser(name))) return { kind: 'taken' };
      const user = { name, password: await parts.passwords.hash(password), email, displayName: undefined };
      const by = { principal: `user:${name}`, ...from };
      const made = await catalog.run('createUser', { by, nowMs: clock(), ...user, groups: [], roles: [] });
      parts.renew();
      return made.kind === 'created' ? { kind: 'registered', name } : { kind: 'taken' };
    },

    async giveTokens(name) {
      const known = await parts.findUser(name);
      return known && giveNew(name, known.generation);
    },

    async refresh(refreshToken) {
      if (!isRefreshToken(refreshToken)) return undefined;
      const next = newRefreshToken();
      const nowMs = clock();
      const row = await catalog.run('rotateRefreshToken', {
        hash: hashSecret(refreshToken),
        newHash: hashSecret(next),
        scope: LOGIN_SCOPE,
        nowMs,
        expiresMs: nowMs + refreshMs,
      });
      return row && issue(row.subject.slice('user:'.length), row.generation, next);
    },

    async renew(accessToken) {
      const known = await verified(accessToken);
      return known && giveNew(known.subject.slice('user:'.length), known.generation);
    },

    async signOut(accessToken, refreshToken, from) {
      const token = await tokens.verify(accessToken);
      if (token.kind === 'invalid') return false;
      const { subject } = token.claims;
      // All caches are emptied by what follows: not for what changes nothing, which anybody may send again and again.
      if (subject === 'anonymous') return true;
      if (refreshToken === undefined && (await (await parts.facts()).isRevoked(token.id))) return true;
      await catalog.run('revokeTokens', {
        by: { principal: subject, ...from },
        nowMs: clock(),
        subject,
        refreshHash: refreshToken === undefined ? undefined : hashSecret(refreshToken),
        access: { id: token.id, expiresMs: token.expiresMs + parts.shownAfterMs },
      });
      parts.renew();
      return true;
    },

    describe: async (identity) => describeIdentity(await parts.policy(), identity),
  };
}
