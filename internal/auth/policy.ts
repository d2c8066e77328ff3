import { ACTIONS, type Action } from './actions.ts';

/** Gives a subject a role on repositories. */
export interface Binding {
  readonly subject: string;
  readonly role: string;
  readonly pattern: string;
}

/** Who may do what: all that `decide` goes by, besides the principal. */
export interface Policy {
  readonly roles: ReadonlyMap<string, ReadonlySet<Action>>;
  /** By subject. */
  readonly bindings: ReadonlyMap<string, readonly Binding[]>;
}

/**
 * The roles that are always there. A writer may move tags, since that is what a push of `latest` is; whoever is to add
 * tags and never to move one gets a role of pull, push and create.
 */
export const BUILT_IN_ROLES: ReadonlyMap<string, ReadonlySet<Action>> = new Map<string, ReadonlySet<Action>>([
  ['reader', new Set<Action>(['pull'])],
  ['writer', new Set<Action>(['pull', 'push', 'create', 'update'])],
  ['maintainer', new Set<Action>(['pull', 'push', 'create', 'update', 'delete'])],
  ['admin', new Set<Action>(ACTIONS)],
]);

export function createPolicy(
  roles: readonly { readonly name: string; readonly actions: readonly Action[] }[],
  bindings: readonly Binding[],
): Policy {
  return {
    roles: new Map([...roles.map(({ name, actions }) => [name, new Set(actions)] as const), ...BUILT_IN_ROLES]),
    bindings: Map.groupBy(bindings, ({ subject }) => subject),
  };
}
