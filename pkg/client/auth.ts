import { gather } from './body.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import { ClientError, createRefusal } from './errors.ts';
import { findUrl } from './paths.ts';
import type { Credentials } from './types.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_TOKENS = 1000;
/** distribution token specification: what counts where a service says nothing. */
const DEFAULT_LIFETIME_S = 60;
/** Given up this early, so that a token does not run out under way. */
const MARGIN_MS = 5000;

export interface AuthDeps {
  readonly root: URL;
  readonly credentials: Credentials | undefined;
  readonly authHosts: readonly string[];
  readonly userAgent: string;
  readonly fetch: typeof fetch;
  readonly clock: () => number;
}

/** Decides what `Authorization` a request to the registry carries. */
export interface Authenticator {
  /** The header's value, from what earlier challenges taught; undefined before the first. */
  authorize(scopes: readonly string[], signal: AbortSignal | undefined): Promise<string | undefined>;
  /** Learns from a 401. True where the same request may fare better now. */
  learn(header: string, scopes: readonly string[], signal: AbortSignal | undefined): Promise<boolean>;
}

/** How the registry wants to be asked, as far as it told. */
type Mode =
  | Readonly<{ kind: 'unknown' }>
  | Readonly<{ kind: 'fixed'; header: string }>
  | Readonly<{ kind: 'tokens'; realm: URL; service: string | undefined }>;

interface Token {
  readonly value: string;
  readonly untilMs: number;
}

export function createAuthenticator(deps: AuthDeps): Authenticator {
  const { credentials, clock } = deps;
  let mode: Mode =
    credentials?.kind === 'bearer' ? { kind: 'fixed', header: `Bearer ${credentials.token}` } : { kind: 'unknown' };
  /** By the scopes that our request needs. */
  const tokens = new Map<string, Token>();

  const renew = async (
    { realm, service }: Mode & { kind: 'tokens' },
    scopes: readonly string[],
    more: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<string> => {
    const token = await fetchToken(deps, realm, service, new Set([...scopes, ...more]), signal);
    if (tokens.size >= MAX_TOKENS) tokens.clear();
    tokens.set(scopes.join(' '), token);
    return token.value;
  };

  return {
    async authorize(scopes, signal) {
      if (mode.kind === 'unknown') return undefined;
      if (mode.kind === 'fixed') return mode.header;
      const known = tokens.get(scopes.join(' '));
      const value = known && known.untilMs > clock() ? known.value : await renew(mode, scopes, [], signal);
      return `Bearer ${value}`;
    },

    async learn(header, scopes, signal) {
      if (mode.kind === 'fixed') return false; // it was sent, and refused
      const challenges = parseChallenges(header);
      const bearer = challenges.find(({ scheme, params }) => scheme === 'bearer' && params.has('realm'));
      if (bearer) {
        mode = { kind: 'tokens', realm: parseRealm(deps.root, bearer), service: bearer.params.get('service') };
        await renew(mode, scopes, bearer.params.get('scope')?.split(' ').filter(Boolean) ?? [], signal);
        return true;
      }
      if (credentials?.kind !== 'password' || !challenges.some(({ scheme }) => scheme === 'basic')) return false;
      mode = { kind: 'fixed', header: basic(credentials) };
      return true;
    },
  };
}

function parseRealm(root: URL, { params }: Challenge): URL {
  const realm = findUrl(params.get('realm'), root);
  if (realm) return realm;
  throw new ClientError(
    'protocol',
    `${root.host} names a token service that has no http(s) address, or not a safe one`,
  );
}

async function fetchToken(
  deps: AuthDeps,
  realm: URL,
  service: string | undefined,
  scopes: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<Token> {
  const { credentials, userAgent, clock } = deps;
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const entitled = isTrusted(deps, realm);
  const headers = {
    'user-agent': userAgent,
    accept: 'application/json',
    ...(credentials?.kind === 'password' && entitled && { authorization: basic(credentials) }),
  };
  const what = `token from ${realm.host}`;
  const askedMs = clock();
  const response = await ask(deps, url, headers, what, signal);
  const text = Buffer.from(await gather(response.body ?? [], MAX_ANSWER_BYTES, what)).toString();
  if (response.status !== 200) {
    const hint = credentials && !entitled ? ` (credentials were held back: ${realm.host} is not in authHosts)` : '';
    throw createRefusal(what, response.status, text, hint);
  }
  return parseToken(text, what, askedMs);
}

/** Redirects are not followed: where a token comes from was decided by `isTrusted`. */
async function ask(
  { fetch }: AuthDeps,
  url: URL,
  headers: Record<string, string>,
  what: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await fetch(url, { headers, redirect: 'manual', signal: signal ?? null });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ClientError('unreachable', `${what}: no answer`, { cause: error });
  }
}

/** Whether credentials may go there: to the registry itself, or to a host that its owner has listed. */
function isTrusted({ root, authHosts }: AuthDeps, realm: URL): boolean {
  return realm.origin === root.origin || authHosts.includes(realm.host);
}

function parseToken(text: string, what: string, askedMs: number): Token {
  let answer: Record<string, unknown> | null;
  try {
    answer = JSON.parse(text) as Record<string, unknown> | null;
  } catch (error) {
    throw new ClientError('protocol', `${what}: not JSON`, { cause: error });
  }
  const value = answer?.['token'] || answer?.['access_token'];
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw new ClientError('protocol', `${what}: no token in the answer`);
  }
  const seconds = Number(answer?.['expires_in'] ?? DEFAULT_LIFETIME_S) || DEFAULT_LIFETIME_S;
  return { value, untilMs: askedMs + seconds * 1000 - MARGIN_MS };
}

function basic({ username, password }: Credentials & { kind: 'password' }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
