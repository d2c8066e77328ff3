import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { lengthOf, planParts, type PlannedPart, type Span } from './plan-parts.ts';

const SIZES = { leastBytes: 5, sentBytes: 10, copiedBytes: 100 };
const span = (source: string, start: number, end: number): Span<string> => ({ source, start, end });
const copy = (of: Span<string>): PlannedPart<string> => ({ kind: 'copy', span: of });
const gather = (...spans: readonly Span<string>[]): PlannedPart<string> => ({ kind: 'gather', spans });
const spansIn = (part: PlannedPart<string>): readonly Span<string>[] =>
  part.kind === 'copy' ? [part.span] : part.spans;
const sizeIn = (part: PlannedPart<string>): number => spansIn(part).reduce((sum, each) => sum + lengthOf(each), 0);

describe('planParts', () => {
  it.each<[string, readonly Span<string>[], readonly PlannedPart<string>[]]>([
    ['has no part of nothing', [], []],
    ['copies what is large enough', [span('a', 0, 4)], [copy(span('a', 0, 4))]],
    ['reads what is too small to be copied', [span('a', 0, 3)], [gather(span('a', 0, 3))]],
    [
      'copies what is too large for one part in parts of one size',
      [span('a', 7, 256)],
      [copy(span('a', 7, 90)), copy(span('a', 91, 174)), copy(span('a', 175, 256))],
    ],
    [
      'reads so much of what follows that a small span is a part',
      [span('a', 0, 2), span('b', 0, 49)],
      [gather(span('a', 0, 2), span('b', 0, 1)), copy(span('b', 2, 49))],
    ],
    [
      'reads all that follows where its rest would be too small',
      [span('a', 0, 2), span('b', 0, 5)],
      [gather(span('a', 0, 2), span('b', 0, 1)), gather(span('b', 2, 5))],
    ],
    [
      'reads small spans together, as much as is sent at once',
      [span('a', 0, 3), span('b', 0, 3), span('c', 0, 3), span('d', 0, 3)],
      [gather(span('a', 0, 3), span('b', 0, 3), span('c', 0, 1)), gather(span('c', 2, 3), span('d', 0, 3))],
    ],
    ['ends with a small part', [span('a', 0, 9), span('b', 0, 0)], [copy(span('a', 0, 9)), gather(span('b', 0, 0))]],
  ])('%s', (_, spans, parts) => {
    expect(planParts(spans, SIZES)).toEqual(parts);
  });

  it('reads everything where nothing can be copied', () => {
    const parts = planParts([span('a', 0, 24)], { ...SIZES, copiedBytes: 0 });
    expect(parts).toEqual([gather(span('a', 0, 9)), gather(span('a', 10, 19)), gather(span('a', 20, 24))]);
  });

  const spans = fc.array(fc.record({ start: fc.nat(50), length: fc.integer({ min: 1, max: 400 }) }), { maxLength: 12 });

  it.each([100, 0])('puts all bytes together in order, in parts that S3 takes, copying up to %d', (copiedBytes) => {
    fc.assert(
      fc.property(spans, (lengths) => {
        const given = lengths.map(({ start, length }, index) => span(String(index), start, start + length - 1));
        const parts = planParts(given, { ...SIZES, copiedBytes });
        const bytes = (each: Span<string>): readonly string[] =>
          Array.from({ length: lengthOf(each) }, (_, index) => `${each.source}@${each.start + index}`);
        expect(parts.flatMap(spansIn).flatMap(bytes)).toEqual(given.flatMap(bytes));
        for (const part of parts.slice(0, -1)) expect(sizeIn(part)).toBeGreaterThanOrEqual(SIZES.leastBytes);
        for (const part of parts) {
          expect(sizeIn(part)).toBeLessThanOrEqual(part.kind === 'copy' ? copiedBytes : SIZES.sentBytes);
        }
      }),
    );
  });
});
