import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { By, CommandArgs, CommandResult, DamageKind } from '../types.ts';
import { recordEvent } from './record-event.ts';

const shareLive = statement<{ digest: Digest }>()((q, p) =>
  q.selectFrom('blobs').select('digest').where('digest', '=', p.digest).where('deleting_ms', 'is', null).forShare(),
);

export const insertQuarantine = statement<{ digest: Digest; problem: DamageKind; nowMs: number }>()((q, p) =>
  q
    .insertInto('quarantine')
    .values({ digest: p.digest, problem: p.problem, found_ms: p.nowMs })
    .onConflict((oc) => oc.column('digest').doNothing())
    .returning('digest'),
);

export const quarantineOf = statement<{ digest: Digest }>()((q, p) =>
  q.selectFrom('quarantine').select('found_ms as foundMs').where('digest', '=', p.digest),
);

const deleteQuarantine = statement<{ digest: Digest; foundMs: number }>()((q, p) =>
  q.deleteFrom('quarantine').where('digest', '=', p.digest).where('found_ms', '=', p.foundMs).returning('digest'),
);

export function* quarantine(args: CommandArgs<'quarantine'>): Work<CommandResult<'quarantine'>> {
  const { digest, problem, nowMs } = args;
  if (!(yield* row(shareLive, { digest }))) return { kind: 'gone' };
  if (yield* row(insertQuarantine, { digest, problem, nowMs })) {
    yield* recordEvent(args, { action: 'blob.quarantine', name: digest, detail: { problem } });
    return { kind: 'quarantined', foundMs: nowMs };
  }
  const known = yield* row(quarantineOf, { digest });
  return known ? { kind: 'known', foundMs: known.foundMs } : { kind: 'gone' }; // lifted, or gone with the blob, just now
}

export function* liftQuarantine(args: CommandArgs<'liftQuarantine'>): Work<boolean> {
  return yield* lift(args, args);
}

/** Ends the quarantine that began then; false where there is none. */
export function* lift(by: By, quarantined: { readonly digest: Digest; readonly foundMs: number }): Work<boolean> {
  const { digest, foundMs } = quarantined;
  if (!(yield* row(deleteQuarantine, { digest, foundMs }))) return false;
  yield* recordEvent(by, { action: 'blob.mend', name: digest });
  return true;
}
