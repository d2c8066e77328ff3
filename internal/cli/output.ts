import type { Writer } from './types.ts';

/** Text that a terminal shows as it is: control characters, which may come from anybody's data, are spelled out. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Writes rows as columns that line up, two spaces apart. */
export function writeTable(writer: Writer, rows: readonly (readonly string[])[]): void {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  if (lines.length > 0) writer.write(`${lines.join('\n')}\n`);
}

/** Writes a result for other programs. */
export function writeJson(writer: Writer, value: unknown): void {
  writer.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** How much content is, for people: `812 B`, `1.5 MiB`. */
export function formatSize(bytes: number): string {
  let [size, unit] = [bytes, 'B'];
  for (const larger of UNITS) {
    if (size < 1024) break;
    [size, unit] = [size / 1024, larger];
  }
  return `${unit === 'B' ? size : size.toFixed(1)} ${unit}`;
}
