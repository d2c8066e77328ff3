import { unreachable } from '../../pkg/oci/index.ts';
import type { Action } from './actions.ts';

/** Repositories by patterns, and what may be done there. */
export interface Access {
  readonly repositories: readonly string[];
  readonly actions: readonly Action[];
}

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Who asks. What they may do is for `decide` to say. */
export type Principal =
  | Readonly<{ kind: 'anonymous' }>
  | (Readonly<{ kind: 'user' }> & User)
  /** A key of a user does what its owner may, within its own access; a robot's access is what it may. */
  | Readonly<{ kind: 'key'; name: string; owner: User | undefined; access: Access }>
  /** A job of a CI: `name` is the rule that let it in, `subject` what its own token says that it is. */
  | Readonly<{ kind: 'workload'; name: string; subject: string; access: Access }>;

/** What a token was given: nothing beyond it, whatever its principal may. */
export interface Scope {
  readonly repositories: ReadonlyMap<string, ReadonlySet<Action>>;
  /** Whether the list of repositories may be asked for; it shows what the principal may pull. */
  readonly catalog: boolean;
}

/** A principal as a request presents it. */
export interface Identity {
  readonly principal: Principal;
  /** Undefined: no token, or one that is as good as its principal. */
  readonly scope?: Scope | undefined;
  /** When the token ends that it came with, in milliseconds since 1970: what it gets for it ends then, too. */
  readonly untilMs?: number;
}

export const ANONYMOUS: Principal = { kind: 'anonymous' };

/**
 * The principal's name, in logs, in the log of changes, and as the owner of upload sessions: `anonymous`, `user:alice`,
 * `key:ci`, `workload:deploy/repo:org/app:ref:refs/heads/main`.
 */
export function nameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'workload':
      return `workload:${principal.name}/${principal.subject}`;
    case 'user':
    case 'key':
      return `${principal.kind}:${principal.name}`;
    default:
      return unreachable(principal);
  }
}

/**
 * The subjects whose bindings count for the principal: `user:alice`, `group:dev`, `key:ci`, `workload:deploy`,
 * `authenticated` (whoever signed in) and `anonymous` (everybody).
 */
export function subjectsOf(principal: Principal): readonly string[] {
  switch (principal.kind) {
    case 'anonymous':
      return ['anonymous'];
    case 'user':
      return subjectsOfUser(principal);
    case 'key':
      return principal.owner
        ? subjectsOfUser(principal.owner)
        : [`key:${principal.name}`, 'authenticated', 'anonymous'];
    case 'workload':
      return [`workload:${principal.name}`, 'authenticated', 'anonymous'];
    default:
      return unreachable(principal);
  }
}

function subjectsOfUser({ name, groups }: User): readonly string[] {
  return [`user:${name}`, ...groups.map((group) => `group:${group}`), 'authenticated', 'anonymous'];
}
