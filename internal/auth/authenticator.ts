import { createHash } from 'node:crypto';
import { hashSecret, isApiKey } from './api-key.ts';
import { findUser } from './directory.ts';
import type { Facts } from './knowledge.ts';
import { createLru, type Lru } from './lru.ts';
import type { Passwords } from './passwords.ts';
import type { LoginGuard, SignInEvents } from './ports.ts';
import { parseCredentials } from './presented.ts';
import { nameOf, type Principal } from './principal.ts';
import { scopeOf } from './scopes.ts';
import type { Credentials, Method, Presented, SignIn } from './sign-in.ts';
import { findPrincipal, principalOfKey, type SubjectDeps } from './subjects.ts';
import { looksLikeToken, type Tokens, type Verified } from './tokens.ts';
import type { UseNotes } from './use-notes.ts';

export interface AuthenticatorDeps extends SubjectDeps {
  readonly facts: () => Promise<Facts>;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  /** Asked in their order for whatever is no password, key or token of ours. */
  readonly methods: readonly Method[];
  readonly guard: LoginGuard;
  readonly events: SignInEvents;
  readonly keyUses: UseNotes;
  readonly signIns: UseNotes;
}

const REFUSED: SignIn = { kind: 'refused' };
/** What is told of a name that nobody has: what was typed may be a password. */
const NOBODY = '(nobody)';
const MOST_TOKENS = 20_000;

/** Says who sends credentials. */
export function createAuthenticator(deps: AuthenticatorDeps): (credentials: Credentials) => Promise<SignIn> {
  const { facts, passwords, tokens, methods, guard, events, keyUses, signIns, clock } = deps;
  // A token's signature is checked once for the facts of the moment, which hold the keys.
  const verified = new WeakMap<Facts, Lru<Verified>>();

  function verify(text: string, known: Facts): Promise<Verified> {
    const kept = verified.get(known) ?? createLru<Verified>(MOST_TOKENS);
    verified.set(known, kept);
    return kept.get(createHash('sha256').update(text).digest('base64'), () => tokens.verify(text));
  }

  const signedIn = (principal: Principal): SignIn => ({ kind: 'signedIn', identity: { principal }, ambient: false });

  async function byKey(text: string): Promise<SignIn> {
    const known = await facts();
    const row = await known.keyByHash(hashSecret(text));
    const principal = row && (await principalOfKey(row, known, deps));
    if (!principal) return REFUSED;
    keyUses.note(row.name);
    return signedIn(principal);
  }

  /** Undefined: it is none of ours. */
  async function byToken(text: string): Promise<SignIn | undefined> {
    const known = await facts();
    const token = await verify(text, known);
    if (token.kind === 'invalid') return undefined;
    const { claims, id, expiresMs } = token;
    const principal = (await known.isRevoked(id)) ? undefined : await findPrincipal(claims, known, deps);
    if (!principal) return REFUSED;
    const identity = { principal, untilMs: expiresMs, ...(claims.access && { scope: scopeOf(claims.access) }) };
    const isOver = token.kind === 'expired' || expiresMs <= clock();
    return isOver ? { kind: 'expired', identity } : { kind: 'signedIn', identity, ambient: false };
  }

  async function byPassword(user: string, password: string, { address, requestId }: Presented): Promise<SignIn> {
    const known = await findUser(user, deps.file(), await facts());
    const hash = known?.isDisabled ? undefined : known?.password;
    if (known && hash !== undefined && passwords.remembers(user, hash, password)) {
      return signedIn({ kind: 'user', ...known.user });
    }
    const attempt = { user, address, requestId };
    // Of many that come at once with one password only the first is hashed.
    const isRight = await guard.attempt(attempt, async () => {
      if (known && hash !== undefined && passwords.remembers(user, hash, password)) return true;
      return passwords.check(user, hash, password);
    });
    if (typeof isRight === 'object') return { kind: 'limited', ...isRight };
    if (!isRight || !known) {
      events.refused({ ...attempt, user: known ? user : NOBODY, method: 'password' });
      return REFUSED;
    }
    const principal: Principal = { kind: 'user', ...known.user };
    events.signedIn({ principal: nameOf(principal), method: 'password', address, requestId });
    signIns.note(user);
    return signedIn(principal);
  }

  async function byMethods(presented: Presented): Promise<SignIn | undefined> {
    for (const method of methods) {
      const signIn = await method.signIn(presented);
      if (signIn) return signIn;
    }
    return undefined;
  }

  return async (credentials) => {
    const presented = parseCredentials(credentials);
    if (presented === 'malformed') return REFUSED;
    const { basic, bearer } = presented;
    // Clients that only know passwords send keys and tokens as one, with any name.
    const secret = bearer ?? basic?.password;
    if (secret !== undefined && isApiKey(secret)) return byKey(secret);
    const byOurs = secret !== undefined && looksLikeToken(secret) ? await byToken(secret) : undefined;
    const found = byOurs ?? (await byMethods(presented));
    if (found) return found;
    if (basic) return byPassword(basic.user, basic.password, presented);
    return bearer === undefined ? { kind: 'anonymous' } : REFUSED;
  };
}
