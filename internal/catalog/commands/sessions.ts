import { statement } from '../statement.ts';
import { each, row, rows, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { raiseAuthVersion } from './auth-version.ts';

/** So many that have ended are forgotten with each that begins: they never become more. */
const SWEPT = 8;

const insertSession = statement<{
  hash: string;
  userName: string;
  generation: number;
  createdMs: number;
  expiresMs: number;
}>()((q, p) =>
  q
    .insertInto('sessions')
    .values({
      hash: p.hash,
      user_name: p.userName,
      generation: p.generation,
      created_ms: p.createdMs,
      expires_ms: p.expiresMs,
    })
    // Made up for one browser: where it is there, this command was run before.
    .onConflict((oc) => oc.column('hash').doNothing()),
);

const dropSession = statement<{ hash: string }>()((q, p) =>
  q.deleteFrom('sessions').where('hash', '=', p.hash).returning('hash'),
);

const endedSessions = statement<{ nowMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('sessions')
    .select('hash')
    .where('expires_ms', '<=', p.nowMs)
    .orderBy('expires_ms')
    .limit(p.limit)
    .forUpdate()
    .skipLocked(),
);

const insertUse = statement<{ name: string; expiresMs: number }>()((q, p) =>
  q
    .insertInto('used_once')
    .values({ name: p.name, expires_ms: p.expiresMs })
    .onConflict((oc) => oc.column('name').doNothing())
    .returning('name'),
);

const dropUse = statement<{ name: string }>()((q, p) => q.deleteFrom('used_once').where('name', '=', p.name));

const endedUses = statement<{ nowMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('used_once')
    .select('name')
    .where('expires_ms', '<=', p.nowMs)
    .orderBy('expires_ms')
    .limit(p.limit)
    .forUpdate()
    .skipLocked(),
);

const dropRefreshToken = statement<{ hash: string; scope: string; nowMs: number }>()((q, p) =>
  q
    .deleteFrom('refresh_tokens')
    .where('hash', '=', p.hash)
    .where('scope', '=', p.scope)
    .where('expires_ms', '>', p.nowMs)
    .returning(['subject', 'generation']),
);

const insertRefreshToken = statement<{
  hash: string;
  subject: string;
  generation: number;
  scope: string;
  nowMs: number;
  expiresMs: number;
}>()((q, p) =>
  q.insertInto('refresh_tokens').values({
    hash: p.hash,
    subject: p.subject,
    generation: p.generation,
    scope: p.scope,
    created_ms: p.nowMs,
    expires_ms: p.expiresMs,
  }),
);

export function* rotateRefreshToken(
  args: CommandArgs<'rotateRefreshToken'>,
): Work<CommandResult<'rotateRefreshToken'>> {
  const { hash, newHash, scope, nowMs, expiresMs } = args;
  const known = yield* row(dropRefreshToken, { hash, scope, nowMs });
  if (known) yield* run(insertRefreshToken, { hash: newHash, ...known, scope, nowMs, expiresMs });
  return known;
}

export function* openSession(args: CommandArgs<'openSession'>): Work<void> {
  const { nowMs, hash, userName, generation, createdMs, expiresMs } = args;
  yield* each(dropSession, yield* rows(endedSessions, { nowMs, limit: SWEPT }));
  yield* run(insertSession, { hash, userName, generation, createdMs, expiresMs });
}

export function* closeSession({ hash }: CommandArgs<'closeSession'>): Work<boolean> {
  if (!(yield* row(dropSession, { hash }))) return false;
  yield* raiseAuthVersion(); // other processes may have it in mind
  return true;
}

export function* useOnce({ name, nowMs, expiresMs }: CommandArgs<'useOnce'>): Work<boolean> {
  yield* each(dropUse, yield* rows(endedUses, { nowMs, limit: SWEPT }));
  return (yield* row(insertUse, { name, expiresMs })) !== undefined;
}
