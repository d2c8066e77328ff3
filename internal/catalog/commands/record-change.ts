import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { each, type Work } from '../step.ts';
import type { By, ChangeAction, ChangeResult, ContentAction } from '../types.ts';

interface Values {
  readonly timeMs: number;
  readonly action: ChangeAction;
  /** Empty where it is about no repository. */
  readonly repository: RepositoryName | '';
  readonly name: string;
  readonly from: Digest | null;
  readonly to: Digest | null;
  readonly principal: string;
  readonly address: string;
  readonly requestId: string;
  readonly result: ChangeResult;
  readonly detail: string | null;
}

/** Adds an entry to the log; the sealer numbers it. */
export const insertChange = statement<{ [Name in keyof Values]: Values[Name] }>()((q, p) =>
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
    result: p.result,
    detail: p.detail,
  }),
);

/** What was done to content; anything else is an event (record-event.ts). */
export interface Change {
  readonly action: ContentAction;
  readonly name: string;
  readonly from?: Digest | undefined;
  readonly to?: Digest | undefined;
}

type About = By & { readonly repository: RepositoryName };

/**
 * Writes a row of the log, in the transaction of what it tells: after the row that changed is locked or written, so that
 * the log has the changes of one thing in the order in which they were committed.
 */
export function* recordChange(args: About, change: Change): Work<void> {
  yield* recordChanges(args, [change]);
}

export function* recordChanges(args: About, changes: readonly Change[]): Work<void> {
  const { repository, nowMs: timeMs, by } = args;
  yield* each(
    insertChange,
    changes.map(({ action, name, from, to }) => ({
      timeMs,
      action,
      repository,
      name,
      from: from ?? null,
      to: to ?? null,
      principal: by.principal,
      address: by.address,
      requestId: by.requestId,
      result: 'done' as const,
      detail: null,
    })),
  );
}
