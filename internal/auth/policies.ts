import { findAction } from './actions.ts';
import type { Facts } from './knowledge.ts';
import { createPolicy, type Binding, type Policy } from './policy.ts';
import type { FileUsers } from './users-file.ts';

export interface PolicyDeps {
  readonly file: () => FileUsers;
  /** Bindings that the configuration makes. */
  readonly configured: readonly Binding[];
}

/** The policy of the moment: of the catalog, the file of users and the configuration, put together once for each change. */
export function createPolicySource({ file, configured }: PolicyDeps): (facts: Facts) => Promise<Policy> {
  let latest: { readonly facts: Facts; readonly users: FileUsers; readonly policy: Policy } | undefined;
  return async (facts) => {
    const users = file();
    if (latest?.facts === facts && latest.users === users) return latest.policy;
    const rows = await facts.policy();
    // A word that a later version knows, and we do not, allows nothing here.
    const roles = rows.roles.map(({ name, actions }) => ({
      name,
      actions: actions.flatMap((action) => findAction(action) ?? []),
    }));
    const policy = createPolicy(roles, [...rows.bindings, ...users.bindings, ...configured]);
    latest = { facts, users, policy };
    return policy;
  };
}

/** `auth.anonymous`: everybody may pull there. */
export const anonymousBindings = (patterns: readonly string[]): readonly Binding[] =>
  patterns.map((pattern) => ({ subject: 'anonymous', role: 'reader', pattern }));
