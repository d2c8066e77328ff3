import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';
import type { By, ChangeAction } from '../types.ts';

const insertChange = statement<{
  timeMs: number;
  action: ChangeAction;
  repository: RepositoryName;
  name: string;
  from: Digest | null;
  to: Digest | null;
  principal: string;
  address: string;
  requestId: string;
}>()((q, p) =>
  q.insertInto('changes').values({
    time_ms: p.timeMs,
    action: p.action,
    repository: p.repository,
    name: p.name,
    from_digest: p.from,
    to_digest: p.to,
    principal: p.principal,
    address: p.address,
    request_id: p.requestId,
  }),
);

interface Change {
  readonly action: ChangeAction;
  readonly name: string;
  readonly from?: Digest | undefined;
  readonly to?: Digest | undefined;
}

/** Writes a row of the log, in the transaction of what it tells. */
export function* recordChange(args: By & { readonly repository: RepositoryName }, change: Change): Work<void> {
  yield* run(insertChange, {
    timeMs: args.nowMs,
    action: change.action,
    repository: args.repository,
    name: change.name,
    from: change.from ?? null,
    to: change.to ?? null,
    principal: args.by.principal,
    address: args.by.address,
    requestId: args.by.requestId,
  });
}
