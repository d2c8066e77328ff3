import { each, type Work } from '../step.ts';
import type { By, CommandArgs, LogEvent } from '../types.ts';
import { insertChange } from './record-change.ts';

/**
 * Writes an entry that is not about content: of a user, key, role or binding in the transaction that changes it, like
 * any other change.
 */
export function* recordEvent({ by, nowMs }: By, event: LogEvent): Work<void> {
  yield* recordEvents({ events: [{ ...event, by, nowMs }] });
}

export function* recordEvents({ events }: CommandArgs<'recordEvents'>): Work<void> {
  yield* each(
    insertChange,
    events.map(({ by, nowMs, action, name, repository = '' as const, result = 'done' as const, detail }) => ({
      timeMs: nowMs,
      action,
      repository,
      name,
      from: null,
      to: null,
      principal: by.principal,
      address: by.address,
      requestId: by.requestId,
      result,
      detail: detail ? JSON.stringify(detail) : null,
    })),
  );
}
