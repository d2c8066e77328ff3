import { StorageError, type StorageFailure } from '../types.ts';

const FAILURES: Readonly<Record<string, StorageFailure>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EMFILE: 'busy',
  ENFILE: 'busy',
  EAGAIN: 'busy',
  EBUSY: 'busy',
};

/** The system's name of a failed call (`ENOENT`), or an empty text for other failures. */
export function codeOf(failure: unknown): string {
  const code = typeof failure === 'object' && failure && 'code' in failure ? failure.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Runs file calls; their failures come out as StorageErrors that say what was being done. */
export async function attempt<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (failure) {
    throw storageError(what, failure);
  }
}

export function storageError(what: string, failure: unknown, lost = false): unknown {
  const code = codeOf(failure);
  if (failure instanceof StorageError || !code) return failure; // ours already, or a bug
  return new StorageError(FAILURES[code] ?? 'broken', `cannot ${what}: ${code}`, failure, lost);
}

/** The value, or undefined where there is nothing of that name. */
export async function orAbsent<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (failure) {
    if (codeOf(failure) === 'ENOENT') return undefined;
    throw failure;
  }
}
