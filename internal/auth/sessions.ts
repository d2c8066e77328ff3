import { createHash, randomBytes } from 'node:crypto';
import type { Catalog, SessionRow } from '../catalog/index.ts';
import type { KnownUser } from './directory.ts';
import type { Facts } from './knowledge.ts';
import type { Method } from './sign-in.ts';

/** The cookie of a browser that is signed in. */
export const SESSION_COOKIE = 'octoserve_session';

/** Browsers that are signed in. */
export interface Sessions {
  /** Signs a browser in as that user: what its cookie is to hold, and for how long. */
  open(user: Pick<KnownUser, 'generation'> & { readonly name: string }): Promise<OpenedSession>;
  /** Signs out whichever browser has the token: on every replica within seconds, here at once. */
  close(token: string): Promise<void>;
  /** Lets requests in that bring the cookie. */
  readonly method: Method;
}

export interface OpenedSession {
  readonly token: string;
  readonly seconds: number;
}

export interface SessionsDeps {
  readonly catalog: Pick<Catalog, 'run'> & { readonly queries: Pick<Catalog['queries'], 'findSession'> };
  readonly facts: () => Promise<Pick<Facts, 'derived'>>;
  readonly findUser: (name: string) => Promise<KnownUser | undefined>;
  /** Has the next request see what this process has changed. */
  readonly renew: () => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly lifetimeMs: number;
}

// 256 random bits: no guessing, so a plain hash will do.
const TOKEN = /^octs_[A-Za-z0-9_-]{43}$/;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export function createSessions(deps: SessionsDeps): Sessions {
  const { catalog, facts, findUser, renew, clock, lifetimeMs } = deps;

  async function find(token: string): Promise<SessionRow | undefined> {
    const hash = hashOf(token);
    const { derived } = await facts();
    const found = await derived.get(`session ${hash}`, () => catalog.queries.findSession(hash, clock()));
    return found as SessionRow | undefined;
  }

  return {
    async open({ name, generation }) {
      const token = `octs_${randomBytes(32).toString('base64url')}`;
      const nowMs = clock();
      const row = { userName: name, generation, createdMs: nowMs, expiresMs: nowMs + lifetimeMs };
      await catalog.run('openSession', { ...row, hash: hashOf(token), nowMs });
      return { token, seconds: Math.floor(lifetimeMs / 1000) };
    },

    async close(token) {
      if (TOKEN.test(token) && (await catalog.run('closeSession', { hash: hashOf(token) }))) renew();
    },

    method: {
      name: 'session',
      async signIn({ cookies, basic, bearer }) {
        const token = cookies.get(SESSION_COOKIE);
        // What is sent on purpose goes before what a browser sends by itself.
        if (token === undefined || basic || bearer !== undefined || !TOKEN.test(token)) return undefined;
        const session = await find(token);
        // One that is over is as none: its browser is to be asked to sign in, not to be refused what is for everybody.
        if (!session || session.expiresMs <= clock()) return undefined;
        const known = await findUser(session.userName);
        if (!known || known.isDisabled || known.generation !== session.generation) return undefined;
        return { kind: 'signedIn', identity: { principal: { kind: 'user', ...known.user } }, ambient: true };
      },
    },
  };
}
