import type { AuditEvent } from './audit-event.ts';
import { networkOf } from './network.ts';

/** Of what one principal is refused of one kind in a minute so many are listed; the rest is counted. */
const LISTED = 10;
/** Kinds that are told apart in one minute; those beyond are one crowd, whoever they come from. */
const KINDS = 256;
/** Networks that the count of a crowd names. */
const ADDRESSES = 5;
const MINUTE_MS = 60_000;

interface Kind {
  seen: number;
  last: AuditEvent;
  readonly addresses: Set<string>;
}

/**
 * Bounds what refusals add to the log of changes, whatever clients do: of each kind a few are listed, and when the
 * minute is over one entry says how many more there were. Each process counts for itself.
 */
export class Crowd {
  #minute = 0;
  readonly #kinds = new Map<string, Kind>();

  /** Whether the refusal is to be listed; otherwise it has been counted. */
  admits(event: AuditEvent): boolean {
    const key = this.#kinds.has(keyOf(event)) || this.#kinds.size < KINDS ? keyOf(event) : '';
    const kind = this.#kinds.get(key) ?? { seen: 0, last: event, addresses: new Set<string>() };
    this.#kinds.set(key, kind);
    kind.seen += 1;
    kind.last = event;
    const isListed = key !== '' && kind.seen <= LISTED;
    if (!isListed && kind.addresses.size < ADDRESSES) kind.addresses.add(networkOf(event.by.address));
    return isListed;
  }

  /** How many there were beyond those listed, of each kind, once the minute is over or `isEnd`. */
  counts(nowMs: number, isEnd = false): readonly AuditEvent[] {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute === this.#minute && !isEnd) return [];
    this.#minute = minute;
    const counts = [...this.#kinds].flatMap(([key, kind]) => countOf(key, kind));
    this.#kinds.clear();
    return counts;
  }
}

/** Whoever did not sign in is told apart by the network. */
function keyOf({ by, action }: AuditEvent): string {
  return `${action} ${by.principal} ${by.principal === 'anonymous' ? networkOf(by.address) : ''}`;
}

function countOf(key: string, { seen, last, addresses }: Kind): readonly AuditEvent[] {
  const isMixed = key === '';
  const more = isMixed ? seen : seen - LISTED;
  if (more <= 0) return [];
  const { action, result, by } = last;
  return [
    {
      by: isMixed ? { ...by, principal: 'anonymous' } : by,
      action,
      name: `and ${more} more`,
      result,
      detail: { counted: more, addresses: [...addresses], ...(isMixed && { principals: 'many' }) },
    },
  ];
}
