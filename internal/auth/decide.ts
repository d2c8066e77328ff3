import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Action } from './actions.ts';
import { matchesPattern } from './pattern.ts';
import type { Binding, Policy } from './policy.ts';
import { subjectsOf, type Access, type Identity, type Principal } from './principal.ts';

export interface Question {
  readonly action: Action;
  readonly repository: RepositoryName;
}

/** What decided: the binding or access that allows, or what stands against it. */
export type Rule =
  | Readonly<{ kind: 'binding'; binding: Binding }>
  | Readonly<{ kind: 'access'; access: Access }>
  /** Nothing allows it. */
  | Readonly<{ kind: 'none' }>
  /** Its owner may, the key may not. */
  | Readonly<{ kind: 'limit'; access: Access }>
  /** Its principal may, the token was not given it. */
  | Readonly<{ kind: 'scope' }>;

export interface Decision {
  readonly allowed: boolean;
  readonly rule: Rule;
}

/** Whether it may be done, and what says so. Rules only ever allow: what none allows is forbidden. */
export function decide(policy: Policy, { principal, scope }: Identity, question: Question): Decision {
  const decision = decideFor(policy, principal, question);
  if (!decision.allowed || !scope || covers(scope.repositories.get(question.repository), question.action))
    return decision;
  return { allowed: false, rule: { kind: 'scope' } };
}

function decideFor(policy: Policy, principal: Principal, question: Question): Decision {
  const own = principal.kind === 'key' || principal.kind === 'workload' ? principal.access : undefined;
  const isLimit = principal.kind === 'key' && principal.owner !== undefined;
  if (own && !isLimit && grants(own, question)) return { allowed: true, rule: { kind: 'access', access: own } };
  const binding = findBinding(policy, principal, question);
  if (!binding) return { allowed: false, rule: { kind: 'none' } };
  if (own && isLimit && !grants(own, question)) return { allowed: false, rule: { kind: 'limit', access: own } };
  return { allowed: true, rule: { kind: 'binding', binding } };
}

function findBinding(policy: Policy, principal: Principal, { action, repository }: Question): Binding | undefined {
  for (const subject of subjectsOf(principal)) {
    const found = policy.bindings
      .get(subject)
      ?.find(({ role, pattern }) => covers(policy.roles.get(role), action) && matchesPattern(pattern, repository));
    if (found) return found;
  }
  return undefined;
}

function grants({ repositories, actions }: Access, { action, repository }: Question): boolean {
  return actions.includes(action) && repositories.some((pattern) => matchesPattern(pattern, repository));
}

const covers = (actions: ReadonlySet<Action> | undefined, action: Action): boolean => actions?.has(action) ?? false;

/** Whether the principal may administer the server: a right on every repository. A token with a scope never may. */
export function isServerAdmin(policy: Policy, { principal, scope }: Identity): boolean {
  if (scope) return false;
  const has = (actions: Iterable<Action> | undefined, pattern: string): boolean =>
    pattern === '**' && [...(actions ?? [])].includes('admin');
  const own = principal.kind === 'key' || principal.kind === 'workload' ? principal.access : undefined;
  const byAccess = own?.repositories.some((pattern) => has(own.actions, pattern)) ?? false;
  const byBinding = subjectsOf(principal).some((subject) =>
    policy.bindings.get(subject)?.some(({ role, pattern }) => has(policy.roles.get(role), pattern)),
  );
  return principal.kind === 'key' && principal.owner ? byAccess && byBinding : byAccess || byBinding;
}
