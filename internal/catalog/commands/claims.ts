import type { Digest, UploadId } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { lockUploadById, toUploadRow, type StoredUpload } from '../upload-row.ts';

// A claim is the session's epoch: each one taken counts it up, and whoever comes with an older one is too late.

const takeClaim = statement<{ id: UploadId; epoch: number; untilMs: number; nowMs: number }>()((q, p) =>
  q
    .updateTable('uploads')
    .set((eb) => ({ epoch: eb('epoch', '+', eb.lit(1)), claimed_until_ms: p.untilMs, touched_ms: p.nowMs }))
    .where('id', '=', p.id)
    .where('epoch', '=', p.epoch)
    .where('claimed_until_ms', '<=', p.nowMs)
    .returning('epoch'),
);

const prolongClaim = statement<{ id: UploadId; epoch: number; untilMs: number }>()((q, p) =>
  q
    .updateTable('uploads')
    .set({ claimed_until_ms: p.untilMs })
    .where('id', '=', p.id)
    .where('epoch', '=', p.epoch)
    .where('claimed_until_ms', '>', (eb) => eb.lit(0))
    .returning('id'),
);

const endClaim = statement<{
  id: UploadId;
  epoch: number;
  nowMs: number;
  offsetBytes: number;
  digest: Digest | null;
  state: string | null;
}>()((q, p) =>
  q
    .updateTable('uploads')
    .set((eb) => ({
      claimed_until_ms: eb.lit(0),
      touched_ms: p.nowMs,
      offset_bytes: p.offsetBytes,
      digest: p.digest,
      state: p.state,
    }))
    .where('id', '=', p.id)
    .where('epoch', '=', p.epoch)
    .where('claimed_until_ms', '>', (eb) => eb.lit(0))
    .returning('id'),
);

export function* claimUpload(args: CommandArgs<'claimUpload'>): Work<CommandResult<'claimUpload'>> {
  const { id, nowMs, untilMs } = args;
  const stored = yield* row(lockUploadById, { id });
  if (!stored || !belongs(stored, args)) return { kind: 'unknown' };
  const upload = toUploadRow(stored);
  const elsewhere = args.offsetBytes !== undefined && args.offsetBytes !== stored.offset_bytes;
  if (elsewhere || stored.claimed_until_ms > nowMs) return { kind: 'refused', upload };
  const claim = yield* row(takeClaim, { id, epoch: stored.epoch, untilMs, nowMs });
  if (!claim) return { kind: 'refused', upload };
  return { kind: 'claimed', epoch: claim.epoch, upload, lapsed: stored.claimed_until_ms > 0 };
}

function belongs(stored: StoredUpload, args: CommandArgs<'claimUpload'>): boolean {
  return stored.repository === args.repository && stored.principal === args.by.principal;
}

export function* renewUpload(args: CommandArgs<'renewUpload'>): Work<boolean> {
  return (yield* row(prolongClaim, { id: args.id, epoch: args.epoch, untilMs: args.untilMs })) !== undefined;
}

export function* advanceUpload(args: CommandArgs<'advanceUpload'>): Work<boolean> {
  const ended = yield* row(endClaim, {
    id: args.id,
    epoch: args.epoch,
    nowMs: args.nowMs,
    offsetBytes: args.offsetBytes,
    digest: args.digest ?? null,
    state: args.state ?? null,
  });
  return ended !== undefined;
}
