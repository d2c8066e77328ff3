import { escapeHtml } from './escape.ts';

/** One bar: its value, its colour's number, and what is written beside it. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  readonly series: number;
  /** The quartiles, drawn as a line over the bar's end. */
  readonly range?: readonly [low: number, high: number];
  /** Single values, drawn as dots. */
  readonly dots?: readonly number[];
}

const [WIDTH, LABEL, TEXT, ROW, BAR] = [720, 190, 130, 24, 14];
const PLOT = WIDTH - LABEL - TEXT;

const px = (value: number): string => value.toFixed(1);

function drawBar(
  { label, value, text, series, range, dots = [] }: Bar,
  index: number,
  scale: (value: number) => number,
): string {
  const top = index * ROW;
  const middle = px(top + ROW / 2);
  const whisker = range
    ? `<line class="whisker" x1="${px(LABEL + scale(range[0]))}" x2="${px(LABEL + scale(range[1]))}" y1="${middle}" y2="${middle}"/>`
    : '';
  const marks = dots.map((dot) => `<circle class="dot" cx="${px(LABEL + scale(dot))}" cy="${middle}" r="2"/>`).join('');
  return (
    `<text class="label" x="${LABEL - 8}" y="${middle}">${escapeHtml(label)}</text>` +
    `<rect class="s${series % 6}" x="${LABEL}" y="${px(top + (ROW - BAR) / 2)}" width="${px(scale(value))}" height="${BAR}"/>` +
    `${whisker}${marks}<text x="${WIDTH - TEXT + 8}" y="${middle}">${escapeHtml(text)}</text>`
  );
}

/** Horizontal bars from zero, as SVG for a page that brings the colours. */
export function drawBars(title: string, bars: readonly Bar[]): string {
  const most = Math.max(0, ...bars.flatMap(({ value, range, dots = [] }) => [value, range?.[1] ?? 0, ...dots]));
  const scale = (value: number): number => (most > 0 ? (Math.max(0, value) / most) * PLOT : 0);
  const height = bars.length * ROW;
  return (
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}">` +
    `${bars.map((bar, index) => drawBar(bar, index, scale)).join('')}</svg>`
  );
}
