import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Action } from './actions.ts';
import { decide, isServerAdmin } from './decide.ts';
import { prefixOf } from './pattern.ts';
import type { Policy } from './policy.ts';
import { ANONYMOUS, nameOf, subjectsOf, type Identity } from './principal.ts';

/** Whoever sends a request, with all that may be asked about it. What it may stays as it was when the request came. */
export interface Actor {
  /** As in logs and in the log of changes: `user:alice`, `key:ci`, `anonymous`. */
  readonly name: string;
  readonly identity: Identity;
  /** False for `anonymous`. */
  readonly isSignedIn: boolean;
  /** Whether it may administer the server. */
  readonly isAdmin: boolean;
  may(action: Action, repository: RepositoryName): boolean;
  /** Whether the repository is in lists that it sees: what its principal may pull. */
  sees(repository: RepositoryName): boolean;
  /** What the names of all that it sees begin with, in order, none the beginning of another. */
  readonly prefixes: readonly string[];
}

/** The actor of an identity. Where everybody may do everything, it is asked of no policy. */
export function createActor(policy: Policy, identity: Identity): Actor {
  const whole: Identity = { principal: identity.principal };
  let prefixes: readonly string[] | undefined;
  return {
    name: nameOf(identity.principal),
    identity,
    isSignedIn: identity.principal.kind !== 'anonymous',
    get isAdmin() {
      return isServerAdmin(policy, identity);
    },
    may: (action, repository) => decide(policy, identity, { action, repository }).allowed,
    sees: (repository) => decide(policy, whole, { action: 'pull', repository }).allowed,
    get prefixes() {
      return (prefixes ??= prefixesOf(policy, whole));
    },
  };
}

/** With `auth.mode: none`: nobody signs in, and everybody may do everything. */
export const EVERYBODY: Actor = {
  name: 'anonymous',
  identity: { principal: ANONYMOUS },
  isSignedIn: false,
  isAdmin: true,
  may: () => true,
  sees: () => true,
  prefixes: [''],
};

function prefixesOf(policy: Policy, { principal }: Identity): readonly string[] {
  const bound = subjectsOf(principal)
    .flatMap((subject) => policy.bindings.get(subject) ?? [])
    .filter(({ role }) => policy.roles.get(role)?.has('pull'))
    .map(({ pattern }) => pattern);
  const own = principal.kind === 'key' || principal.kind === 'workload' ? principal.access.repositories : [];
  const kept: string[] = [];
  for (const prefix of [...bound, ...own].map(prefixOf).toSorted()) {
    // Whatever begins with a prefix follows it in this order.
    const last = kept.at(-1);
    if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
  }
  return kept;
}
