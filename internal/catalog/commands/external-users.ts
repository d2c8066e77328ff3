import { statement } from '../statement.ts';
import { lock, row, rows, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { replaceGroups } from './auth-users.ts';
import { raiseAuthVersion } from './auth-version.ts';
import { recordEvent } from './record-event.ts';

type Admit = CommandArgs<'admitUser'>;
interface Known {
  readonly name: string;
  readonly disabled: number;
  readonly generation: number;
  readonly email: string | null;
  readonly displayName: string | null;
}

const userOfIdentity = statement<{ provider: string; subject: string }>()((q, p) =>
  q
    .selectFrom('identities')
    .innerJoin('users', 'users.name', 'identities.user_name')
    .select(['users.name', 'disabled', 'generation', 'email', 'display_name as displayName'])
    .where('provider', '=', p.provider)
    .where('subject', '=', p.subject)
    .forUpdate('users'),
);

const userOrBinding = statement<{ name: string; subject: string }>()((q, p) =>
  q
    .selectFrom('users')
    .select('name')
    .where('name', '=', p.name)
    .unionAll(q.selectFrom('bindings').select('subject as name').where('subject', '=', p.subject)),
);

const insertUser = statement<{ name: string; email: string | null; displayName: string | null; nowMs: number }>()(
  (q, p) =>
    q
      .insertInto('users')
      .values((eb) => ({
        name: p.name,
        email: p.email,
        display_name: p.displayName,
        disabled: eb.lit(0),
        generation: p.nowMs,
        created_ms: p.nowMs,
      }))
      .onConflict((oc) => oc.column('name').doNothing())
      .returning('name'),
);

const insertIdentity = statement<{ provider: string; subject: string; name: string }>()((q, p) =>
  q.insertInto('identities').values({ provider: p.provider, subject: p.subject, user_name: p.name }),
);

const describeUser = statement<{ name: string; email: string | null; displayName: string | null }>()((q, p) =>
  q.updateTable('users').set({ email: p.email, display_name: p.displayName }).where('name', '=', p.name),
);

const putProfile = statement<{
  name: string;
  provider: string;
  subject: string;
  avatarUrl: string | null;
  organizations: string;
  teams: string;
}>()((q, p) =>
  q
    .insertInto('profiles')
    .values({
      user_name: p.name,
      provider: p.provider,
      subject: p.subject,
      avatar_url: p.avatarUrl,
      organizations: p.organizations,
      teams: p.teams,
    })
    .onConflict((oc) =>
      oc.column('user_name').doUpdateSet((eb) => ({
        avatar_url: eb.ref('excluded.avatar_url'),
        organizations: eb.ref('excluded.organizations'),
        teams: eb.ref('excluded.teams'),
      })),
    ),
);

const groupsOf = statement<{ name: string; source: string }>()((q, p) =>
  q
    .selectFrom('user_groups')
    .select('group_name as group')
    .where('user_name', '=', p.name)
    .where('source', '=', p.source)
    .orderBy('group_name'),
);

export function* admitUser(args: Admit): Work<CommandResult<'admitUser'>> {
  const { provider, subject } = args.profile;
  let known = yield* row(userOfIdentity, { provider, subject });
  if (!known) {
    // New people come one at a time, so that nobody becomes two users, nor two one.
    yield* lock('new-identities');
    known = yield* row(userOfIdentity, { provider, subject });
  }
  return known ? yield* welcomeBack(args, known) : yield* welcome(args);
}

function* welcomeBack(args: Admit, known: Known): Work<CommandResult<'admitUser'>> {
  const { name, generation } = known;
  if (known.disabled === 1) return { kind: 'disabled', name };
  const { email = null, displayName = null } = args;
  const isDescribed = known.email === email && known.displayName === displayName;
  if (!isDescribed) yield* run(describeUser, { name, email, displayName });
  const before = yield* rows(groupsOf, { name, source: args.profile.provider });
  const isSame = JSON.stringify(before.map(({ group }) => group)) === JSON.stringify(sorted(args.groups));
  if (!isSame) {
    yield* replaceGroups(name, args.profile.provider, args.groups);
    yield* recordEvent(args, { action: 'user.update', name, detail: { groups: sorted(args.groups) } });
  }
  yield* storeProfile(args, name);
  if (!isSame || !isDescribed) yield* raiseAuthVersion();
  return { kind: 'admitted', name, generation, isNew: false };
}

function* welcome(args: Admit): Work<CommandResult<'admitUser'>> {
  const { profile, email = null, displayName = null, nowMs } = args;
  const name = yield* takeName(args, { email, displayName, nowMs });
  if (name === undefined) return { kind: 'nameless' };
  yield* run(insertIdentity, { provider: profile.provider, subject: profile.subject, name });
  yield* replaceGroups(name, profile.provider, args.groups);
  yield* storeProfile(args, name);
  const detail = { provider: profile.provider, subject: profile.subject, groups: sorted(args.groups) };
  yield* recordEvent(args, { action: 'user.create', name, detail });
  yield* raiseAuthVersion();
  return { kind: 'admitted', name, generation: nowMs, isNew: true };
}

/** A name that somebody was given rights by beforehand is not for the first who comes along with it. */
function* takeName(
  { names, reserved }: Admit,
  user: { readonly email: string | null; readonly displayName: string | null; readonly nowMs: number },
): Work<string | undefined> {
  for (const name of names) {
    if (reserved.includes(name)) continue;
    if (yield* row(userOrBinding, { name, subject: `user:${name}` })) continue;
    if (yield* row(insertUser, { name, ...user })) return name;
  }
  return undefined;
}

function* storeProfile({ profile }: Admit, name: string): Work<void> {
  yield* run(putProfile, {
    name,
    provider: profile.provider,
    subject: profile.subject,
    avatarUrl: profile.avatarUrl ?? null,
    organizations: JSON.stringify(profile.organizations),
    teams: JSON.stringify(profile.teams),
  });
}

/** In the order of the database, which is by bytes. */
const sorted = (groups: readonly string[]): readonly string[] =>
  [...new Set(groups)].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
