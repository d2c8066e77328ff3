import { escapeHtml } from './escape.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line through points that are in order. */
export interface Curve {
  readonly points: readonly Point[];
  /** Its colour's number. */
  readonly series: number;
  readonly isDashed?: boolean;
}

/** What curves need of a page, beside its other styles. */
export const CURVE_STYLE = `
.curve { fill: none; stroke-width: 2 } .dashed { stroke-dasharray: 5 4; stroke-width: 1.5 } .axis { stroke: var(--line) }
.curve.s0 { stroke: #2f6fde } .curve.s1 { stroke: #e08a1e } .curve.s4 { stroke: #7c8798 } svg .below { text-anchor: middle }
`;

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [360, 180, 70, 24, 12, 26];
const px = (value: number): string => value.toFixed(1);

/** Curves over an axis of powers: a logarithm is a straight line. From zero, up to the highest point. */
export function drawCurves(
  title: string,
  curves: readonly Curve[],
  { xText, yText }: Readonly<Record<'xText' | 'yText', (value: number) => string>>,
): string {
  const points = curves.flatMap((curve) => curve.points);
  const xs = [...new Set(points.map(({ x }) => x))].toSorted((a, b) => a - b);
  const [least, most] = [Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 1)];
  const top = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const toX = (x: number): number =>
    LEFT + (most > least ? (Math.log(x) - least) / (most - least) : 0.5) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number): number => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM);

  const levels = [0, top / 2, top].map((y) => {
    const at = px(toY(y));
    const line = `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`;
    return `${line}<text class="label" x="${LEFT - 8}" y="${at}">${escapeHtml(yText(y))}</text>`;
  });
  const marks = xs.map(
    (x) => `<text class="below" x="${px(toX(x))}" y="${HEIGHT - 10}">${escapeHtml(xText(x))}</text>`,
  );
  const lines = curves.map(({ points: own, series, isDashed }) => {
    const path = own.map(({ x, y }) => `${px(toX(x))},${px(toY(y))}`).join(' ');
    const line = `<polyline class="curve s${series}${isDashed ? ' dashed' : ''}" points="${path}"/>`;
    const dots = isDashed
      ? []
      : own.map(({ x, y }) => `<circle class="s${series}" cx="${px(toX(x))}" cy="${px(toY(y))}" r="3"/>`);
    return [line, ...dots].join('');
  });
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">` +
    `${[...levels, ...marks, ...lines].join('')}</svg>`
  );
}
