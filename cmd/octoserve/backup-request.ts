import { UsageError } from '../../internal/cli/index.ts';

/** What `--keep` says; undefined where it is not given. */
export function parseKeep(text: string | boolean | readonly string[] | undefined): number | undefined {
  if (typeof text !== 'string') return undefined;
  const keep = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(keep)) throw new UsageError(`--keep: ${text} is no count, as 7 or 0 are`);
  return keep;
}
