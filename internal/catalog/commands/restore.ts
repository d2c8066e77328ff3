import { statement, type Statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import { findRestore, RESTORE_LEASE } from '../restore-lease.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { nominateRestored } from './gc-candidates.ts';
import { recountUsage } from './usage.ts';

const aRepository = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .select('id')
    .limit((eb) => eb.lit(1)),
);

const aBlob = statement<{}>()((q) =>
  q
    .selectFrom('blobs')
    .select('digest')
    .limit((eb) => eb.lit(1)),
);

const aChange = statement<{}>()((q) =>
  q
    .selectFrom('changes')
    .select('id')
    .limit((eb) => eb.lit(1)),
);

const aSeal = statement<{}>()((q) =>
  q
    .selectFrom('seals')
    .select('last_sequence')
    .limit((eb) => eb.lit(1)),
);

const aUser = statement<{}>()((q) =>
  q
    .selectFrom('users')
    .select('name')
    .limit((eb) => eb.lit(1)),
);

const aBinding = statement<{}>()((q) =>
  q
    .selectFrom('bindings')
    .select('subject')
    .limit((eb) => eb.lit(1)),
);

const aKey = statement<{}>()((q) =>
  q
    .selectFrom('api_keys')
    .select('name')
    .limit((eb) => eb.lit(1)),
);

const ANYTHING: readonly Statement<{}, object>[] = [aRepository, aBlob, aChange, aSeal, aUser, aBinding, aKey];

const takeForGood = statement<{ name: string; holder: string; untilMs: number }>()((q, p) =>
  q.insertInto('leases').values({ name: p.name, holder: p.holder, until_ms: p.untilMs }),
);

// Without a number of its own such a row could come twice where a restore goes on.
const forgetUnsealed = statement<{}>()((q) => q.deleteFrom('changes').where('sequence', 'is', null));

const giveBack = statement<{ name: string; holder: string }>()((q, p) =>
  q.deleteFrom('leases').where('name', '=', p.name).where('holder', '=', p.holder),
);

export function* beginRestore({ holder }: CommandArgs<'beginRestore'>): Work<CommandResult<'beginRestore'>> {
  const known = yield* findRestore();
  if (known !== undefined && known !== holder) return { kind: 'unfinished', holder: known };
  if (known === holder) {
    yield* run(forgetUnsealed, {});
    return { kind: 'resumed' };
  }
  for (const text of ANYTHING) {
    if (yield* row(text, {})) return { kind: 'notEmpty' };
  }
  yield* run(takeForGood, { name: RESTORE_LEASE, holder, untilMs: Number.MAX_SAFE_INTEGER });
  return { kind: 'begun' };
}

export function* endRestore({ holder, nowMs }: CommandArgs<'endRestore'>): Work<void> {
  yield* nominateRestored(nowMs);
  yield* recountUsage();
  yield* run(giveBack, { name: RESTORE_LEASE, holder });
}
