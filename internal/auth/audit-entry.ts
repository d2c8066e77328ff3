import type { AuditKey, AuditRow } from '../catalog/index.ts';

/** An entry of the audit as other programs read it. */
export interface AuditEntry {
  /** Its place in the sealed chain; absent while it has none. */
  readonly sequence?: number;
  readonly time: string;
  readonly principal: string;
  readonly address: string;
  readonly request_id: string;
  readonly action: string;
  readonly result: string;
  readonly repository?: string;
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
  readonly detail?: unknown;
}

export function toAuditEntry(row: AuditRow): AuditEntry {
  const { sequence, timeMs, by, action, result, repository, name, from, to, detail } = row;
  return {
    ...(sequence !== undefined && { sequence }),
    time: new Date(timeMs).toISOString(),
    principal: by.principal,
    address: by.address,
    request_id: by.requestId,
    action,
    result,
    ...(repository !== undefined && { repository }),
    name,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(detail !== undefined && { detail: readDetail(detail) }),
  };
}

/** What is no JSON was altered: it is shown as it is. */
function readDetail(detail: string): unknown {
  try {
    return JSON.parse(detail) as unknown;
  } catch {
    return detail;
  }
}

/** Where a page of the audit ended, as text for whoever asks for the next one. */
export function formatAuditKey({ timeMs, id }: AuditKey): string {
  return `${timeMs}-${id}`;
}

export function findAuditKey(text: string): AuditKey | undefined {
  const [, timeMs, id] = /^(\d{1,16})-(\d{1,16})$/.exec(text) ?? [];
  if (timeMs === undefined || id === undefined) return undefined;
  const key = { timeMs: Number(timeMs), id: Number(id) };
  return Number.isSafeInteger(key.timeMs) && Number.isSafeInteger(key.id) ? key : undefined;
}
