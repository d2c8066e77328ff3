const GO_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,9})? ([+-])(\d\d)(\d\d)(?: \S+)?(?: m=\S+)?$/;
const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?(?:[Zz]|\+00:00)$/;
const MINUTE_MS = 60_000;

/**
 * The RFC 3339 text, in UTC, of a time as Go prints one (`2025-03-04 05:06:07.61 +0000 UTC`) or as SQLite keeps one;
 * undefined for what is none. Fractions stay as long as they were.
 */
export function findGoTime(text: string): string | undefined {
  const plain = RFC_3339.exec(text);
  if (plain) return valid(`${plain[1]}T${plain[2]}`, plain[3] ?? '');
  const [, date, time, fraction = '', sign, hours, minutes] = GO_TIME.exec(text) ?? [];
  if (date === undefined) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1);
  const ms = Date.parse(`${date}T${time}Z`) - offsetMs;
  return Number.isNaN(ms) ? undefined : valid(new Date(ms).toISOString().slice(0, 19), fraction);
}

function valid(moment: string, fraction: string): string | undefined {
  return Number.isNaN(Date.parse(`${moment}Z`)) ? undefined : `${moment}${fraction}Z`;
}

/** The same the other way: of an RFC 3339 text in UTC what Go would print. */
export function toGoTime(text: string): string {
  const [, date = '', time = '', fraction = ''] = RFC_3339.exec(text) ?? [];
  const shortest = fraction.replace(/\.?0+$/, '');
  return `${date} ${time}${shortest} +0000 UTC`;
}
