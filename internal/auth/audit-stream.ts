import type { Catalog, ChangeRow } from '../catalog/index.ts';

/** The name of the cursor by which the log of the process follows the log of changes. */
export const AUDIT_CURSOR = 'audit-log';
/** Few at a time: requests are answered between them, and a collection deletes hundreds a second. */
const BATCH = 50;

interface Deps {
  readonly catalog: Pick<Catalog, 'queries' | 'run'>;
  readonly log: { info(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

/**
 * Writes each sealed entry of the log of changes to the log of the process, once (after a crash perhaps twice: the
 * sequence tells). One caller at a time (a lease), so that of all replicas one has the stream.
 */
export async function streamAudit({ catalog, log }: Deps, signal?: AbortSignal): Promise<void> {
  let after = await catalog.queries.findCursor(AUDIT_CURSOR);
  for (;;) {
    if (signal?.aborted) return;
    const changes = await catalog.queries.listChanges({ after, limit: BATCH });
    for (const change of changes) log.info('Audit', fieldsOf(change));
    const last = changes.at(-1);
    if (!last) return;
    after = last.sequence;
    await catalog.run('moveCursor', { name: AUDIT_CURSOR, sequence: after });
  }
}

function fieldsOf({ sequence, timeMs, by, action, result, repository, name, from, to, detail }: ChangeRow) {
  return {
    sequence,
    at: new Date(timeMs).toISOString(),
    principal: by.principal,
    remote_addr: by.address,
    request_id: by.requestId,
    action,
    result,
    ...(repository !== undefined && { repository }),
    name,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(detail !== undefined && { detail }),
  };
}
