import { createHash } from 'node:crypto';
import { unreachable } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import { findLocalPath } from './local-path.ts';
import { admit, groupName, mappedGroupName, type ExternalIdentity } from './mappings.ts';
import type { SignInEvents } from './ports.ts';
import { createAttempt, ProviderFailed, type Attempt, type Provider } from './provider.ts';
import type { Tokens } from './tokens.ts';
import { userNamesFor } from './user-names.ts';

/** A browser that is sent to a provider. */
export interface Departure {
  readonly url: URL;
  readonly state: string;
  /** What the browser keeps until it comes back: it can read it, and not change it. */
  readonly sealed: string;
}

/** What came of it. `failed`: why, and what the log is to say besides. */
export type Arrival =
  | Readonly<{ kind: 'arrived'; name: string; generation: number; next: string }>
  | Readonly<{ kind: 'failed'; why: LoginFault; detail: string; next?: string }>;

/**
 * `state`: nobody set out so, it is too long ago, or it was here already. `barred`: somebody whom we do not take.
 * `refused`, `away`: the provider.
 */
export type LoginFault = 'state' | 'refused' | 'away' | 'barred';

/** Signing in through providers: browsers leave for them, and come back. */
export interface Logins {
  readonly providers: ReadonlyMap<string, Provider>;
  /** Undefined: no such provider. `next`: where the browser goes in the end; `site`: how it reached us. */
  begin(provider: string, asked: { readonly next: string; readonly site: string }): Promise<Departure | undefined>;
  finish(provider: string, came: CameBack): Promise<Arrival>;
}

export interface CameBack {
  readonly query: URLSearchParams;
  /** What the browser kept for that state. */
  readonly sealed: string | undefined;
  readonly address: string;
  readonly requestId: string;
}

export interface LoginsDeps {
  readonly providers: ReadonlyMap<string, Provider>;
  /** Where each sends people back to, if that is configured. */
  readonly redirectUris: ReadonlyMap<string, string>;
  /** `server.public_url`; empty: as the browser reached us. */
  readonly publicUrl: string;
  readonly tokens: Pick<Tokens, 'seal' | 'unseal'>;
  readonly catalog: Pick<Catalog, 'run'>;
  /** Users who are not in the catalog. */
  readonly reserved: () => readonly string[];
  readonly renew: () => void;
  readonly events: SignInEvents;
  /** Told what was wrong with a provider or its answer, for whoever runs this. */
  readonly onFailure: (provider: string, reason: string) => void;
  /** Notes that a user came just now. */
  readonly noteSignIn: (name: string) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** How long somebody may take at a provider. */
export const LOGIN_SECONDS = 600;
const PURPOSE = 'login';
const MOST_GROUPS = 1000;
const LONGEST_GROUP = 200;

/** Names what a browser keeps for a state: several logins at a time do not disturb each other. */
export const loginCookie = (state: string): string =>
  `octoserve_login_${createHash('sha256').update(state).digest('hex').slice(0, 16)}`;

interface Kept extends Attempt {
  readonly provider: string;
  readonly next: string;
}

export function createLogins(deps: LoginsDeps): Logins {
  const { providers, redirectUris, publicUrl, tokens, catalog, reserved, clock } = deps;

  async function come(provider: Provider, kept: Kept, came: CameBack): Promise<Arrival> {
    const { next } = kept;
    const name = `state ${createHash('sha256').update(kept.state).digest('hex')}`;
    const nowMs = clock();
    if (!(await catalog.run('useOnce', { name, nowMs, expiresMs: nowMs + LOGIN_SECONDS * 2000 }))) {
      return { kind: 'failed', why: 'state', detail: 'the state was here already', next };
    }
    const identity = tame(await provider.finish(kept, came.query));
    const admission = admit(provider.rules, identity);
    const who = `${identity.subject} (${identity.wantedName})`;
    if (admission.kind === 'kept out') {
      return { kind: 'failed', why: 'barred', detail: `${who} is not let in by ${admission.by}`, next };
    }
    const user = await catalog.run('admitUser', {
      by: { principal: `${provider.name}:${identity.subject}`, address: came.address, requestId: came.requestId },
      nowMs,
      profile: profileOf(identity),
      email: identity.email,
      displayName: identity.displayName,
      groups: groupsOf(identity, admission.role),
      names: userNamesFor(identity),
      reserved: reserved(),
    });
    switch (user.kind) {
      case 'admitted':
        deps.renew();
        return { kind: 'arrived', name: user.name, generation: user.generation, next };
      case 'disabled':
        return { kind: 'failed', why: 'barred', detail: `${user.name} is disabled`, next };
      case 'nameless':
        return { kind: 'failed', why: 'barred', detail: `${who} finds no name that is free`, next };
      default:
        return unreachable(user);
    }
  }

  async function arrive(name: string, came: CameBack): Promise<Arrival> {
    const provider = providers.get(name);
    const kept = came.sealed === undefined ? undefined : await tokens.unseal(came.sealed, PURPOSE);
    const attempt = kept as unknown as Kept | undefined; // as we sealed it
    if (!provider || attempt?.provider !== name || attempt.state !== came.query.get('state')) {
      return { kind: 'failed', why: 'state', detail: 'this browser did not set out so' };
    }
    const next = findLocalPath(attempt.next) ?? '/';
    try {
      return await come(provider, { ...attempt, next }, came);
    } catch (thrown) {
      if (!(thrown instanceof ProviderFailed)) throw thrown;
      if (thrown.failure !== 'barred') deps.onFailure(name, reasonOf(thrown));
      return { kind: 'failed', why: thrown.failure, detail: thrown.message, next };
    }
  }

  function tell(provider: string, { address, requestId }: CameBack, arrival: Arrival): void {
    const event = { address, requestId, method: `oauth ${provider}` };
    if (arrival.kind === 'arrived') {
      deps.events.signedIn({ ...event, principal: `user:${arrival.name}` });
      deps.noteSignIn(arrival.name);
    } else {
      deps.events.refused({ ...event, user: provider, detail: { fault: arrival.why, reason: arrival.detail } });
    }
  }

  return {
    providers,
    async begin(name, { next, site }) {
      const provider = providers.get(name);
      if (!provider) return undefined;
      const attempt = createAttempt(redirectUris.get(name) ?? `${publicUrl || site}/auth/callback/${name}`);
      const url = await provider.begin(attempt);
      const sealed = await tokens.seal({ ...attempt, provider: name, next }, PURPOSE, LOGIN_SECONDS);
      return { url, state: attempt.state, sealed };
    },

    async finish(name, came) {
      const arrival = await arrive(name, came);
      tell(name, came, arrival);
      return arrival;
    },
  };
}

const MOST_CAUSES = 5;
const LONGEST_REASON = 500;

/** The messages of a failure and of what caused it, with the error code of OAuth; never what was sent or answered. */
function reasonOf(thrown: unknown): string {
  const messages: string[] = [];
  let each = thrown;
  while (each instanceof Error && messages.length < MOST_CAUSES) {
    const code = 'error' in each && typeof each.error === 'string' ? ` (${each.error})` : '';
    messages.push(`${each.message}${code}`);
    each = each.cause;
  }
  return messages.join(': ').slice(0, LONGEST_REASON);
}

const LONGEST_TEXT = 254;

/** What a provider says, as it is fit to be kept and shown. */
function tame(identity: ExternalIdentity): ExternalIdentity {
  const { subject, displayName, email, avatarUrl } = identity;
  // Cut off it could be somebody else's.
  if (subject.length > LONGEST_TEXT) throw new ProviderFailed('refused', 'the provider’s name for them is too long');
  const plain = (text: string | undefined): string | undefined =>
    text?.replaceAll(/\p{C}/gu, ' ').trim().slice(0, LONGEST_TEXT) || undefined;
  const isWeb = avatarUrl !== undefined && avatarUrl.length <= 2048 && /^https?:\/\//i.test(avatarUrl);
  return {
    ...identity,
    wantedName: identity.wantedName.slice(0, LONGEST_TEXT),
    displayName: plain(displayName),
    email: plain(email),
    avatarUrl: isWeb && URL.canParse(avatarUrl) ? avatarUrl : undefined,
  };
}

const profileOf = ({ provider, subject, avatarUrl, organizations, teams }: ExternalIdentity) => ({
  provider,
  subject,
  avatarUrl,
  organizations: organizations.slice(0, MOST_GROUPS),
  teams: teams.slice(0, MOST_GROUPS),
});

/** What nobody could bind a role to is left out: it has no use here. */
function groupsOf({ provider, groups, organizations, teams }: ExternalIdentity, role: string | undefined) {
  const told = [...groups, ...organizations, ...teams].filter((group) => group !== '' && group.length <= LONGEST_GROUP);
  const named = told.slice(0, MOST_GROUPS).map((group) => groupName(provider, group));
  return [...new Set([...named, ...(role === undefined ? [] : [mappedGroupName(provider, role)])])];
}
