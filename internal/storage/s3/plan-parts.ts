/** A run of bytes of a stored object, both ends inclusive. */
export interface Span<Source> {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** How one part of a new object is made: S3 copies it itself, or it is read back and sent. */
export type PlannedPart<Source> =
  Readonly<{ kind: 'copy'; span: Span<Source> }> | Readonly<{ kind: 'gather'; spans: readonly Span<Source>[] }>;

export interface PartSizes {
  /** The least that S3 takes for a part which is not the last. */
  readonly leastBytes: number;
  /** What is sent in one part, at most; at least twice the least. */
  readonly sentBytes: number;
  /** What S3 copies in one part, at most; at least twice the least. 0: it copies none. */
  readonly copiedBytes: number;
}

export function lengthOf({ start, end }: Span<unknown>): number {
  return end - start + 1;
}

/**
 * The parts that put the spans together, in order. What is large is copied by S3; what is too small for a part is sent
 * together with its neighbours.
 */
export function planParts<Source>(
  spans: readonly Span<Source>[],
  { leastBytes, sentBytes, copiedBytes }: PartSizes,
): readonly PlannedPart<Source>[] {
  const parts: PlannedPart<Source>[] = [];
  let gathered: Span<Source>[] = [];
  let gatheredBytes = 0;
  const send = (): void => {
    if (gatheredBytes > 0) parts.push({ kind: 'gather', spans: gathered });
    gathered = [];
    gatheredBytes = 0;
  };
  const gather = (span: Span<Source>, upToBytes: number): Span<Source> | undefined => {
    const taken = Math.min(lengthOf(span), upToBytes - gatheredBytes);
    gathered.push({ ...span, end: span.start + taken - 1 });
    gatheredBytes += taken;
    return taken < lengthOf(span) ? { ...span, start: span.start + taken } : undefined;
  };

  for (const whole of spans) {
    let rest: Span<Source> | undefined = whole;
    while (rest) {
      if (copiedBytes === 0 || lengthOf(rest) < leastBytes) {
        rest = gather(rest, sentBytes);
        if (gatheredBytes === sentBytes) send();
        continue;
      }
      if (gatheredBytes > 0 && gatheredBytes < leastBytes) {
        rest = gather(rest, leastBytes);
        send();
        continue;
      }
      send();
      parts.push(...copies(rest, copiedBytes));
      rest = undefined;
    }
  }
  send();
  return parts;
}

/** Parts of one size but for the last, which is hardly smaller: some services insist, and none is too small. */
function copies<Source>(span: Span<Source>, copiedBytes: number): readonly PlannedPart<Source>[] {
  const count = Math.ceil(lengthOf(span) / copiedBytes);
  const each = Math.ceil(lengthOf(span) / count);
  return Array.from({ length: count }, (_, index) => {
    const start = span.start + index * each;
    return { kind: 'copy', span: { ...span, start, end: Math.min(start + each - 1, span.end) } };
  });
}
