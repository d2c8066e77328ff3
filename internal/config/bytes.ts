const UNITS = [
  ['TiB', 1024 ** 4],
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
] as const;
const FACTORS = new Map<string, number>([
  ...UNITS,
  ['TB', 1000 ** 4],
  ['GB', 1000 ** 3],
  ['MB', 1000 ** 2],
  ['kB', 1000],
  ['KB', 1000],
  ['B', 1],
  ['', 1],
]);

/** `4MiB`, `10MB` or `512` to bytes; undefined where it is no size. A bare letter is none: nobody agrees what K is. */
export function parseBytes(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text) ?? [];
  const factor = FACTORS.get(unit);
  if (number === '' || factor === undefined) return undefined;
  const size = Number(number) * factor;
  return Number.isSafeInteger(size) ? size : undefined;
}

/** Bytes in the largest unit that leaves nothing over: `4MiB`, `1000B`. */
export function formatBytes(size: number): string {
  const [unit, factor] = UNITS.find(([, each]) => size >= each && size % each === 0) ?? ['B', 1];
  return `${size / factor}${unit}`;
}
