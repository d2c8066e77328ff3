/** Bytes `start` to `end`, both inclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range that a Range header asks for (RFC 9110, section 14.2): `unsatisfiable` where it lies outside or backwards;
 * undefined where the header is absent, malformed, of another unit or of several ranges: then the whole is sent.
 */
export function parseRange(header: string | undefined, sizeBytes: number): Range | 'unsatisfiable' | undefined {
  const match = header === undefined ? undefined : /^bytes=[ \t]*(\d{0,16})-(\d{0,16})[ \t]*$/i.exec(header);
  const [, first = '', last = ''] = match ?? [];
  if (!match || (first === '' && last === '')) return undefined;
  if (first === '') {
    const suffix = Math.min(Number(last), sizeBytes);
    return suffix === 0 ? 'unsatisfiable' : { start: sizeBytes - suffix, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  // RFC 9110, section 14.2 lets a server reject a range that ends before it starts; the conformance suite expects it.
  if (last !== '' && Number(last) < start) return 'unsatisfiable';
  return start >= sizeBytes ? 'unsatisfiable' : { start, end };
}

/**
 * The Content-Range of a chunk (distribution-spec: end-5): `start-end`, both inclusive. `bytes=` and `bytes ` before it
 * and `/total` after it are tolerated. `invalid` where it is anything else or beyond what a number holds.
 */
export function parseContentRange(header: string | undefined): Range | 'invalid' | undefined {
  if (header === undefined) return undefined;
  const match = /^(?:bytes[= ])?(\d{1,16})-(\d{1,16})(?:\/(?:\d{1,16}|\*))?$/.exec(header.trim());
  if (!match) return 'invalid';
  const [start, end] = [Number(match[1]), Number(match[2])];
  return Number.isSafeInteger(end) && start <= end ? { start, end } : 'invalid';
}

/** Whether an If-None-Match header names the entity tag, weakly compared (RFC 9110, section 13.1.2). */
export function matchesEntityTag(header: string | undefined, entityTag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => {
    const tag = one.trim();
    return tag === '*' || tag === entityTag || tag === `W/${entityTag}`;
  });
}
