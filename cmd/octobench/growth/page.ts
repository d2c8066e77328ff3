import { CURVE_STYLE, drawCurves, type Point } from '../report/curve.ts';
import { escapeHtml } from '../report/escape.ts';
import { formatNumber } from '../report/format.ts';
import { describeRun, figure, renderDocument, table } from '../report/page.ts';
import type { Report } from '../report/report.ts';
import { growthRows, valueText, type GrowthLine } from './report.ts';
import { boundOf } from './verdict.ts';

const STYLE = `.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem }`;

function shortly(size: number): string {
  if (size >= 1e6) return `${formatNumber(size / 1e6)} M`;
  return size >= 1000 ? `${size / 1000} k` : String(size);
}

function plot({ name, doc, unit, at }: GrowthLine): string {
  const first = at[0];
  const p50 = at.map(({ size: x, middle: y }): Point => ({ x, y }));
  const p99 = at.flatMap(({ size: x, p99: y }): Point[] => (y === undefined ? [] : [{ x, y }]));
  const limit = first ? p50.map(({ x }): Point => ({ x, y: first.middle * boundOf(first.size, x) })) : [];
  const curves = [
    { points: limit, series: 4, isDashed: true },
    { points: p99, series: 1 },
    { points: p50, series: 0 },
  ];
  return figure(`${name}: ${doc}`, drawCurves(name, curves, { xText: shortly, yText: (y) => valueText(y, unit) }));
}

/** The run as a page: the table, and a plot of each line over the sizes. */
export function renderGrowth(run: Omit<Report, 'ceiling' | 'workloads'>, lines: readonly GrowthLine[]): string {
  const [headings = [], ...rows] = growthRows(lines);
  return renderDocument(
    `octobench growth, ${run.startedAt}`,
    [
      `<p>${escapeHtml(describeRun(run))}</p>`,
      table(headings, rows),
      '<p>Over a logarithmic axis of sizes: p50 in blue, p99 in orange; dashed, what a logarithm through the smallest size comes to.</p>',
      `<div class="plots">${lines.map(plot).join('\n')}</div>`,
    ],
    `${CURVE_STYLE}${STYLE}`,
  );
}
