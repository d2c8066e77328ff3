import { formatNumber, formatRatio, formatTime } from '../report/format.ts';
import type { SizeFigures } from './measure.ts';
import { boundOf, judgeGrowth, type GrowthVerdict } from './verdict.ts';
import { quantileOf } from '../statistics/spread.ts';

/** One line: something at every size. */
export interface GrowthLine {
  readonly name: string;
  readonly doc: string;
  readonly unit: 'ms' | 'MB';
  readonly at: readonly {
    readonly size: number;
    readonly rounds: readonly number[];
    /** The median of the rounds. */
    readonly middle: number;
    /** Undefined where there are too few values to say. */
    readonly p99: number | undefined;
  }[];
  /** Undefined where only one size was measured. */
  readonly verdict: GrowthVerdict | undefined;
}

type Values = Omit<GrowthLine['at'][number], 'size' | 'middle'>;

/** All that was measured, by what it was; the sizes ascend. */
export function linesOf(sizes: readonly SizeFigures[]): readonly GrowthLine[] {
  const line = (
    [name, doc, unit]: readonly [string, string, GrowthLine['unit']],
    valuesAt: (figures: SizeFigures) => Values,
  ): GrowthLine => {
    const at = sizes.map((figures) => {
      const values = valuesAt(figures);
      return { size: figures.size, ...values, middle: quantileOf(values.rounds, 0.5) };
    });
    const [small, large] = [at[0], at.at(-1)];
    const isGrown = small && large && small !== large;
    const verdict = isGrown
      ? judgeGrowth(boundOf(small.size, large.size), { small: small.rounds, large: large.rounds })
      : undefined;
    return { name, doc, unit, at, verdict };
  };
  const operations = (sizes[0]?.operations ?? []).map(({ name, doc }, index) =>
    line([name, doc, 'ms'], ({ operations: timed }) => ({
      rounds: timed[index]?.mediansMs ?? [],
      p99: timed[index]?.p99Ms,
    })),
  );
  return [
    ...operations,
    line(['start', 'until the first answer', 'ms'], ({ startsMs }) => ({ rounds: startsMs, p99: undefined })),
    line(['memory, idle', 'resident, after a start', 'MB'], ({ idleBytes }) => ({
      rounds: idleBytes.map((bytes) => bytes / 1e6),
      p99: undefined,
    })),
  ];
}

export const hasGrown = (lines: readonly GrowthLine[]): boolean =>
  lines.some(({ verdict }) => verdict?.outcome === 'grows');

const WORDS = { ok: 'ok', close: 'within the spread', grows: 'GROWS FASTER' } as const;

export const valueText = (value: number, unit: GrowthLine['unit']): string =>
  unit === 'ms' ? formatTime(value) : `${formatNumber(value)} MB`;

/** The table: p50 and p99 at each size, and how the largest compares with the smallest. */
export function growthRows(lines: readonly GrowthLine[]): readonly (readonly string[])[] {
  const headings = (lines[0]?.at ?? []).map(({ size }) => `${size.toLocaleString('en')}: p50 (p99)`);
  const rows = lines.map(({ name, unit, at, verdict }) => [
    name,
    ...at.map(({ middle, p99 }) => {
      const most = p99 === undefined ? '' : ` (${valueText(p99, unit)})`;
      return `${valueText(middle, unit)}${most}`;
    }),
    verdict ? formatRatio(verdict.ratio) : '-',
    verdict ? WORDS[verdict.outcome] : '-',
  ]);
  return [['operation', ...headings, 'largest to smallest', 'outcome'], ...rows];
}
