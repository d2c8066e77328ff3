import type { Spread } from '../statistics/spread.ts';

/** Three digits that count, thousands apart: `12,300`, `4.56`, `0.123`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: Math.min(digits, 2) });
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `1.50 GB` */
export function formatSize(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${formatNumber(bytes / 1000 ** power)} ${BYTE_UNITS[power]}`;
}

/** `12,300/s`, `1.50 GB/s` */
export function formatRate(value: number, counts: 'operations' | 'bytes'): string {
  return counts === 'bytes' ? `${formatSize(value)}/s` : `${formatNumber(value)}/s`;
}

/** Milliseconds: `0.123 ms`, `4.56 s`. */
export function formatTime(ms: number): string {
  return ms >= 1000 ? `${formatNumber(ms / 1000)} s` : `${formatNumber(ms)} ms`;
}

/** How far the quartiles lie from the median, as a part of it: `±4 %`. */
export function formatSpread({ middle, low, high }: Spread): string {
  const part = Math.max(high - middle, middle - low) / middle;
  return Number.isFinite(part) ? `±${Math.round(part * 100)} %` : '-';
}

/** `4.56 x (4.40 to 4.71)` */
export function formatRatio({ middle, low, high }: Spread): string {
  return `${formatNumber(middle)} x (${formatNumber(low)} to ${formatNumber(high)})`;
}
