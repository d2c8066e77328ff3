import { CURVE_STYLE, drawCurves, type Point } from '../report/curve.ts';
import { escapeHtml } from '../report/escape.ts';
import { formatNumber } from '../report/format.ts';
import { describeRun, figure, renderDocument, table } from '../report/page.ts';
import type { Report } from '../report/report.ts';
import { growthRows, type GrowthLine } from './report.ts';

const STYLE = `.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem }`;

function shortly(size: number): string {
  if (size >= 1e6) return `${size / 1e6} M`;
  return size >= 1000 ? `${size / 1000} k` : String(size);
}

function plot({ name, doc, points }: GrowthLine): string {
  const curves = [
    { points: points.map(({ size: x, bound: y }): Point => ({ x, y })), series: 4, isDashed: true },
    { points: points.flatMap(({ size: x, p99Ratio: y }): Point[] => (y === undefined ? [] : [{ x, y }])), series: 1 },
    { points: points.map(({ size: x, ratio }): Point => ({ x, y: ratio.middle })), series: 0 },
  ];
  const drawing = drawCurves(name, curves, { xText: shortly, yText: (y) => `${formatNumber(y)} x` });
  return figure(`${name}: ${doc}`, drawing);
}

/** The run as a page: the table, and a plot of each line over the sizes. */
export function renderGrowth(run: Omit<Report, 'ceiling' | 'workloads'>, lines: readonly GrowthLine[]): string {
  const [headings = [], ...rows] = growthRows(lines);
  return renderDocument(
    `octobench growth, ${run.startedAt}`,
    [
      `<p>${escapeHtml(describeRun(run))}</p>`,
      table(headings, rows),
      '<p>In terms of the smallest store, which was measured beside each, over a logarithmic axis of sizes: p50 in blue, p99 in orange; dashed, a logarithm.</p>',
      `<div class="plots">${lines.map(plot).join('\n')}</div>`,
    ],
    `${CURVE_STYLE}${STYLE}`,
  );
}
