import { createHash } from 'node:crypto';
import type { Binding, Method, User } from '../../internal/auth/index.ts';
import type { RunScript } from './run-script.ts';

export interface ScriptTokensDeps {
  readonly run: RunScript;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** How long the script's word counts where the token does not say until when it is good. */
const KEEP_MS = 60_000;
const MOST_KEPT = 10_000;

interface Kept {
  /** Undefined: the script let nobody in. */
  readonly user: Promise<User | undefined>;
  readonly untilMs: number;
}

/**
 * Signs in by bearer tokens that a script knows (cola contract, section 5.3): it prints `username:<name>`, and groups,
 * a line each. What it said is remembered until the token ends.
 */
export function createScriptTokens({ run, clock }: ScriptTokensDeps): Method {
  const kept = new Map<string, Kept>();

  function ask(token: string): Promise<User | undefined> {
    const hash = createHash('sha256').update(token).digest('base64');
    const found = kept.get(hash);
    if (found && clock() < found.untilMs) return found.user;
    const user = run(token).then((printed) => (printed === undefined ? undefined : parseUser(printed)));
    kept.set(hash, { user, untilMs: endOf(token) ?? clock() + KEEP_MS });
    // What could not be asked is asked anew, and what was refused may be let in soon.
    user.then(
      (known) => known ?? kept.delete(hash),
      () => kept.delete(hash),
    );
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return user;
  }

  return {
    name: 'custom_jwt',
    async signIn({ bearer }) {
      if (bearer === undefined) return undefined;
      const user = await ask(bearer);
      if (!user) return { kind: 'refused' };
      return { kind: 'signedIn', identity: { principal: { kind: 'user', ...user } }, ambient: false };
    },
  };
}

/** Who was let in by a script may write, or, where a group is required, who is in that. */
export function scriptBindings(prefix: string, requiredGroup: string | undefined): readonly Binding[] {
  const subject = requiredGroup === undefined ? 'authenticated' : `group:${requiredGroup}`;
  return [`${prefix}/*`, `${prefix}/**`].map((pattern) => ({ subject, role: 'admin', pattern }));
}

function parseUser(printed: string): User | undefined {
  const lines = printed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const name = lines
    .find((line) => line.startsWith('username:'))
    ?.slice('username:'.length)
    .trim();
  if (!name) return undefined;
  return { name, groups: lines.filter((line) => !line.startsWith('username:')) };
}

/** When a JWT says that it ends. It is the script's to believe it: here it only says how long its word counts. */
function endOf(token: string): number | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined; // no JWT
  }
}
