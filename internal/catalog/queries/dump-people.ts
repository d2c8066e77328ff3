import { statement } from '../statement.ts';

// Each reads a whole table, its columns named as in a dump (dump-people.ts), in the order of its key.

export const allUsers = statement<{}>()((q) =>
  q
    .selectFrom('users')
    .select(['name', 'password', 'email', 'display_name as displayName', 'disabled', 'generation'])
    .select(['created_ms as createdMs', 'signed_in_ms as signedInMs'])
    .orderBy('name'),
);

export const allGroups = statement<{}>()((q) =>
  q
    .selectFrom('user_groups')
    .select(['user_name as user', 'source', 'group_name as name'])
    .orderBy('user_name')
    .orderBy('source')
    .orderBy('group_name'),
);

export const allIdentities = statement<{}>()((q) =>
  q
    .selectFrom('identities')
    .select(['provider', 'subject', 'user_name as user'])
    .orderBy('provider')
    .orderBy('subject'),
);

export const allProfiles = statement<{}>()((q) =>
  q
    .selectFrom('profiles')
    .select(['user_name as user', 'provider', 'subject', 'avatar_url as avatarUrl', 'organizations', 'teams'])
    .orderBy('user_name'),
);

export const allRoles = statement<{}>()((q) => q.selectFrom('roles').select(['name', 'actions']).orderBy('name'));

export const allBindings = statement<{}>()((q) =>
  q.selectFrom('bindings').select(['subject', 'role', 'pattern']).orderBy('subject').orderBy('role').orderBy('pattern'),
);

export const allKeys = statement<{}>()((q) =>
  q
    .selectFrom('api_keys')
    .select(['name', 'hash', 'owner', 'repositories', 'actions'])
    .select(['created_ms as createdMs', 'expires_ms as expiresMs', 'used_ms as usedMs'])
    .orderBy('name'),
);

export const allWorkloads = statement<{}>()((q) =>
  q.selectFrom('workload_rules').select(['name', 'document', 'changed_ms as changedMs']).orderBy('name'),
);

export const PEOPLE_STATEMENTS = [
  allUsers,
  allGroups,
  allIdentities,
  allProfiles,
  allRoles,
  allBindings,
  allKeys,
  allWorkloads,
] as const;
