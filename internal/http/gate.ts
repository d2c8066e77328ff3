import { OciError, unreachable, type RepositoryName } from '../../pkg/oci/index.ts';
import {
  ANONYMOUS,
  EVERYBODY,
  nameOf,
  type Actor,
  type Auth,
  type Identity,
  type Limits,
  type SignIn,
} from '../auth/index.ts';
import { authorizationOf, credentialsOf } from './credentials.ts';
import type { Exchange } from './exchange.ts';
import { comeBackIn, Hidden, Refusal } from './failures.ts';
import { refuseOtherSites } from './origins.ts';
import type { Demand, Gate } from './routes.ts';

export interface GateDeps {
  readonly auth: Auth;
  readonly limits: Pick<Limits, 'request'>;
  /** `server.cors_origins`, and the host of `server.public_url`. */
  readonly origins: readonly string[];
  readonly publicHost: string | undefined;
}

/** `auth.mode: none`: everybody may do everything, pages of other sites apart. */
export function createOpenGate({ origins, publicHost }: Omit<GateDeps, 'auth' | 'limits'>): Gate {
  return async (exchange, demand) => {
    exchange.demand = demand;
    refuseOtherSites(exchange, origins, publicHost);
    return EVERYBODY;
  };
}

/** How a demand is met: `challenge` asks for (other) credentials, `hidden` is like absent. */
export type Verdict = 'pass' | 'challenge' | 'hidden' | 'denied';

/** DESIGN: Access, as clients see it. Nothing but rules is asked, so what is absent and what is hidden take as long. */
export function judge(actor: Actor, { action, visibility, repository }: Demand): Verdict {
  const { scope } = actor.identity;
  switch (visibility) {
    case 'open':
      return 'pass';
    case 'challenged':
      // Whoever has nothing to show is asked for it even where anonymous may pull: there docker learns to log in.
      if (!actor.isSignedIn && !scope) return 'challenge';
      return action === 'catalog' && scope?.catalog === false ? 'challenge' : 'pass';
    case 'admin':
      if (actor.isAdmin) return 'pass';
      return actor.isSignedIn ? 'denied' : 'challenge';
    case 'repository':
      return judgeRepository(actor, action, repository);
    default:
      return unreachable(visibility);
  }
}

function judgeRepository(actor: Actor, action: Demand['action'], repository: RepositoryName | undefined): Verdict {
  if (repository === undefined || action === 'none' || action === 'catalog') return 'pass';
  if (actor.may(action, repository)) return 'pass';
  const { scope } = actor.identity;
  const lacksScope = scope !== undefined && !scope.repositories.get(repository)?.has(action);
  if (!actor.isSignedIn || lacksScope) return 'challenge';
  return action === 'pull' ? 'hidden' : 'denied';
}

/** Asks every request who sends it, and lets it through where that one may. */
export function createGate({ auth, limits, origins, publicHost }: GateDeps): Gate {
  async function identify(exchange: Exchange, demand: Demand): Promise<Identity> {
    const signIn = await auth.signIn(credentialsOf(exchange));
    await limit(exchange, signIn);
    switch (signIn.kind) {
      case 'anonymous':
        return { principal: ANONYMOUS };
      case 'signedIn':
        if (signIn.ambient) refuseOtherSites(exchange, origins, publicHost);
        return signIn.identity;
      case 'expired':
        if (await ownsSession(signIn.identity, demand)) return signIn.identity;
        if (demand.ignoresWrongCredentials) return { principal: ANONYMOUS };
        throw challenge(exchange, demand, 'invalid_token');
      case 'refused':
        if (demand.ignoresWrongCredentials) return { principal: ANONYMOUS };
        throw challenge(exchange, demand, 'invalid_token');
      case 'limited':
        throw comeBackIn(signIn.retryAfterMs);
      default:
        return unreachable(signIn);
    }
  }

  /**
   * Whoever signed in counts as themselves, wherever they are; all others by where they come from: with an old token
   * nobody uses up what its principal may.
   */
  async function limit({ address }: Exchange, signIn: SignIn): Promise<void> {
    const principal = signIn.kind === 'signedIn' ? signIn.identity.principal : ANONYMOUS;
    const isSomebody = principal.kind !== 'anonymous';
    const waitMs = await limits.request(isSomebody ? nameOf(principal) : undefined, address);
    if (waitMs > 0) throw comeBackIn(waitMs);
  }

  async function ownsSession(identity: Identity, { repository, session }: Demand): Promise<boolean> {
    return repository !== undefined && session !== undefined && auth.ownsSession(identity, repository, session);
  }

  function challenge(exchange: Exchange, demand: Demand, error?: string): Refusal {
    return new Refusal('UNAUTHORIZED', {
      'www-authenticate': auth.challenge({ site: exchange.site, scope: scopeOf(demand), error }),
    });
  }

  /**
   * Whether a refusal is one of the principal. Whoever brought nothing is only asked to sign in; and where a token lacks
   * what its principal may, the client fetches another.
   */
  async function isDenial(actor: Actor, demand: Demand, verdict: Verdict): Promise<boolean> {
    if (verdict !== 'challenge') return true;
    if (!actor.isSignedIn && !actor.identity.scope) return false;
    return judge(await auth.actorOf({ principal: actor.identity.principal }), demand) !== 'pass';
  }

  async function look(exchange: Exchange, demand: Demand): Promise<readonly [Actor, Verdict]> {
    const actor = await auth.actorOf(await identify(exchange, demand));
    // Told to the log also where the request goes no further.
    exchange.actor = actor;
    return [actor, judge(actor, demand)];
  }

  return async (exchange, demand) => {
    exchange.demand = demand;
    const first = await look(exchange, demand);
    const isRefused = first[1] !== 'pass' && authorizationOf(exchange) !== undefined;
    // It may have been allowed a moment ago, through another process.
    const [actor, verdict] = isRefused && (await auth.learn()) ? await look(exchange, demand) : first;
    if (verdict !== 'pass') exchange.isDenied = await isDenial(actor, demand, verdict);
    switch (verdict) {
      case 'pass':
        return actor;
      case 'challenge':
        throw challenge(exchange, demand, actor.identity.scope && 'insufficient_scope');
      case 'hidden':
        throw new Hidden(demand.repository ?? '');
      case 'denied':
        throw new OciError('DENIED');
      default:
        return unreachable(verdict);
    }
  };
}

/** The scope to ask a token for, as clients send it to the token endpoint. */
function scopeOf({ action, repository }: Demand): string | undefined {
  if (action === 'catalog') return 'registry:catalog:*';
  if (repository === undefined || action === 'none' || action === 'admin') return undefined;
  return `repository:${repository}:${action === 'push' ? 'pull,push' : action}`;
}
