import { formatNumber, formatTime } from '../report/format.ts';
import type { Figure, PhaseReport, Unit } from './types.ts';
import { isMissed } from './verdict.ts';

const KIB = 1024;

function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'count':
      return value.toLocaleString('en');
    case 'ms':
      return formatTime(value);
    case 'rate':
      return `${formatNumber(value)}/s`;
    case 'part':
      return formatNumber(value);
    case 'bytes':
      return Math.abs(value) < KIB * KIB
        ? `${(value / KIB).toFixed(0)} KiB`
        : `${(value / KIB / KIB).toLocaleString('en', { maximumFractionDigits: 0 })} MiB`;
    default:
      return unit satisfies never;
  }
}

function rowOf(figure: Figure): readonly string[] {
  const { name, value, unit, bound } = figure;
  const wanted = bound && `${bound.kind === 'most' ? 'at most' : 'at least'} ${formatValue(bound.value, unit)}`;
  return [`  ${name}`, formatValue(value, unit), wanted ?? '', bound ? (isMissed(figure) ? 'MISSED' : 'kept') : ''];
}

/** What the phases found out, for people. */
export function overloadRows(phases: readonly PhaseReport[]): readonly (readonly string[])[] {
  return phases.flatMap(({ name, doc, figures, errors }) => [
    [`${name}: ${doc}`, '', '', ''],
    ...figures.map(rowOf),
    ...Object.entries(errors).map(([what, count]) => [`  ${what}`, count.toLocaleString('en'), '', '']),
  ]);
}
