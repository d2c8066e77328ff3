import { formatNumber, formatRatio, formatTime } from '../report/format.ts';
import { quantileOf, ratioOf, type Spread } from '../statistics/spread.ts';
import type { Figure, Measured } from './measure.ts';
import type { SizeFigures } from './run.ts';
import { boundOf, judgeGrowth, type GrowthOutcome } from './verdict.ts';

/** Something at one size. */
export interface GrowthPoint {
  readonly size: number;
  readonly middle: number;
  readonly p99: number | undefined;
  /** What it is of the same at the smallest size, measured beside it. */
  readonly ratio: Spread;
  /** The same of the p99. */
  readonly p99Ratio: number | undefined;
  /** The ratio that a logarithm allows. */
  readonly bound: number;
}

/** One line: something at every size. */
export interface GrowthLine {
  readonly name: string;
  readonly doc: string;
  readonly unit: Measured['unit'];
  /** By size; the smallest as it was beside the largest. */
  readonly points: readonly GrowthPoint[];
  /** Of the largest size. */
  readonly outcome: GrowthOutcome;
}

const ONE: Spread = { middle: 1, low: 1, high: 1 };

function pointOf(size: number, smallest: number, figure: Figure, beside: Figure): GrowthPoint {
  const isSmallest = size === smallest;
  const { p99 } = figure;
  return {
    size,
    middle: quantileOf(figure.rounds, 0.5),
    p99,
    ratio: isSmallest ? ONE : ratioOf(figure.rounds, beside.rounds),
    p99Ratio: p99 === undefined || beside.p99 === undefined ? undefined : p99 / beside.p99,
    bound: boundOf(smallest, size),
  };
}

/** All that was measured, by what it was. */
export function linesOf(smallest: number, sizes: readonly SizeFigures[]): readonly GrowthLine[] {
  const last = sizes.at(-1)?.measured ?? [];
  return last.map(({ name, doc, unit, small }, index) => {
    const grown = sizes.flatMap(({ size, measured }) => {
      const at = measured[index];
      return at ? [pointOf(size, smallest, at.large, at.small)] : [];
    });
    const points = [pointOf(smallest, smallest, small, small), ...grown];
    const { ratio, bound } = points.at(-1) ?? { ratio: ONE, bound: 1 };
    return { name, doc, unit, points, outcome: judgeGrowth(ratio, bound) };
  });
}

export const hasGrown = (lines: readonly GrowthLine[]): boolean => lines.some(({ outcome }) => outcome === 'grows');

const WORDS = { ok: 'ok', close: 'within the spread', grows: 'GROWS FASTER' } as const;

const valueText = (value: number, unit: GrowthLine['unit']): string =>
  unit === 'ms' ? formatTime(value) : `${formatNumber(value)} MB`;

/** The table: p50 and p99 at each size, and what the p50 is of the smallest store's, measured beside it. */
export function growthRows(lines: readonly GrowthLine[]): readonly (readonly string[])[] {
  const headings = (lines[0]?.points ?? []).flatMap(({ size }, place) => {
    const heading = `${size.toLocaleString('en')}: p50 (p99)`;
    return place === 0 ? [heading] : [heading, 'to the smallest'];
  });
  const rows = lines.map(({ name, unit, points, outcome }) => [
    name,
    ...points.flatMap(({ middle, p99, ratio }, place) => {
      const text = `${valueText(middle, unit)}${p99 === undefined ? '' : ` (${valueText(p99, unit)})`}`;
      return place === 0 ? [text] : [text, formatRatio(ratio)];
    }),
    WORDS[outcome],
  ]);
  const most = formatNumber(lines[0]?.points.at(-1)?.bound ?? 1);
  return [['operation', ...headings, `at most ${most} x`], ...rows];
}
