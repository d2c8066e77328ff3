/** A time as answers have it; left out where there is none. */
export const timeOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

/** The same, where its place is there anyway. */
export const timeOrNull = (ms: number | undefined): string | null => timeOf(ms) ?? null;
