import { PEOPLE_KINDS, type PeopleKind, type PeopleRow, type PeopleRowOf } from '../dump-people.ts';
import { statement, type Params, type Statement } from '../statement.ts';
import { each, type Work } from '../step.ts';
import { raiseAuthVersion } from './auth-version.ts';

// Like the other statements of a restore, each may meet a row that is there already: then it is this one.

type Values<Kind extends PeopleKind> = {
  readonly [Name in Exclude<keyof PeopleRowOf<Kind>, 'kind'>]: undefined extends PeopleRowOf<Kind>[Name]
    ? Exclude<PeopleRowOf<Kind>[Name], undefined> | null
    : PeopleRowOf<Kind>[Name];
};

const restoreUser = statement<Values<'user'>>()((q, p) =>
  q
    .insertInto('users')
    .values({
      name: p.name,
      password: p.password,
      email: p.email,
      display_name: p.displayName,
      disabled: p.disabled,
      generation: p.generation,
      created_ms: p.createdMs,
      signed_in_ms: p.signedInMs,
    })
    .onConflict((oc) => oc.column('name').doNothing()),
);

const restoreGroup = statement<Values<'group'>>()((q, p) =>
  q
    .insertInto('user_groups')
    .values({ user_name: p.user, source: p.source, group_name: p.name })
    .onConflict((oc) => oc.columns(['user_name', 'source', 'group_name']).doNothing()),
);

const restoreIdentity = statement<Values<'identity'>>()((q, p) =>
  q
    .insertInto('identities')
    .values({ provider: p.provider, subject: p.subject, user_name: p.user })
    .onConflict((oc) => oc.columns(['provider', 'subject']).doNothing()),
);

const restoreProfile = statement<Values<'profile'>>()((q, p) =>
  q
    .insertInto('profiles')
    .values({
      user_name: p.user,
      provider: p.provider,
      subject: p.subject,
      avatar_url: p.avatarUrl,
      organizations: p.organizations,
      teams: p.teams,
    })
    .onConflict((oc) => oc.column('user_name').doNothing()),
);

const restoreRole = statement<Values<'role'>>()((q, p) =>
  q
    .insertInto('roles')
    .values({ name: p.name, actions: p.actions })
    .onConflict((oc) => oc.column('name').doNothing()),
);

const restoreBinding = statement<Values<'binding'>>()((q, p) =>
  q
    .insertInto('bindings')
    .values({ subject: p.subject, role: p.role, pattern: p.pattern })
    .onConflict((oc) => oc.columns(['subject', 'role', 'pattern']).doNothing()),
);

const restoreKey = statement<Values<'key'>>()((q, p) =>
  q
    .insertInto('api_keys')
    .values({
      name: p.name,
      hash: p.hash,
      owner: p.owner,
      repositories: p.repositories,
      actions: p.actions,
      created_ms: p.createdMs,
      expires_ms: p.expiresMs,
      used_ms: p.usedMs,
    })
    .onConflict((oc) => oc.column('name').doNothing()),
);

const restoreWorkload = statement<Values<'workload'>>()((q, p) =>
  q
    .insertInto('workload_rules')
    .values({ name: p.name, document: p.document, changed_ms: p.changedMs })
    .onConflict((oc) => oc.column('name').doNothing()),
);

const STATEMENTS: { readonly [Kind in PeopleKind]: Statement<Values<Kind>, unknown> } = {
  user: restoreUser,
  group: restoreGroup,
  identity: restoreIdentity,
  profile: restoreProfile,
  role: restoreRole,
  binding: restoreBinding,
  key: restoreKey,
  workload: restoreWorkload,
};

/** Kind by kind, so that what a row refers to is there before it. */
export function* restorePeople(rows: readonly PeopleRow[]): Work<void> {
  if (rows.length === 0) return;
  for (const kind of PEOPLE_KINDS) {
    const text = STATEMENTS[kind] as Statement<Params, unknown>; // which takes the members of this kind's rows
    yield* each(text, rows.filter((row) => row.kind === kind).map(valuesOf));
  }
  yield* raiseAuthVersion();
}

function valuesOf(row: PeopleRow): Params {
  const members: readonly [string, string | number | undefined][] = Object.entries(row);
  return Object.fromEntries(members.map(([name, value]) => [name, value ?? null]));
}
