import { unreachable } from '../../pkg/oci/index.ts';
import type { Action } from './actions.ts';
import { isServerAdmin } from './decide.ts';
import type { Policy } from './policy.ts';
import { subjectsOf, type Identity, type Principal } from './principal.ts';

/** Who somebody is and what they may, for people and programs to read; nothing is decided by it. */
export interface Described {
  readonly username: string;
  /** By bindings to them, their groups, and to everybody. */
  readonly roles: readonly string[];
  /** As `repository:team/**:pull,push`; `registry:*` is all there is. */
  readonly scopes: readonly string[];
}

export function describeIdentity(policy: Policy, identity: Identity): Described {
  const { principal, scope } = identity;
  const bindings = subjectsOf(principal).flatMap((subject) => policy.bindings.get(subject) ?? []);
  const grants = bindings.map(({ role, pattern }) => [pattern, policy.roles.get(role) ?? new Set<Action>()] as const);
  const own = principal.kind === 'key' || principal.kind === 'workload' ? principal.access : undefined;
  const ofAccess = (own?.repositories ?? []).map((pattern) => [pattern, new Set(own?.actions)] as const);
  const given = scope
    ? [...scope.repositories]
    : principal.kind === 'key' && principal.owner
      ? ofAccess
      : [...ofAccess, ...grants];
  return {
    username: userNameOf(principal),
    roles: [...new Set(bindings.map(({ role }) => role))],
    scopes: isServerAdmin(policy, identity) ? ['registry:*'] : [...new Set(given.flatMap(scopeText))],
  };
}

function userNameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
    case 'key':
      return principal.name;
    case 'workload':
      return `${principal.name}/${principal.subject}`;
    default:
      return unreachable(principal);
  }
}

function scopeText([pattern, actions]: readonly [string, ReadonlySet<Action>]): readonly string[] {
  const words = [
    ...(actions.has('pull') ? ['pull'] : []),
    ...(actions.has('push') ? ['push'] : []),
    ...(actions.has('delete') ? ['delete'] : []),
  ];
  return words.length === 0 ? [] : [`repository:${pattern}:${words.join(',')}`];
}
