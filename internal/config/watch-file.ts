import { stat } from 'node:fs/promises';

export interface WatchOptions {
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly intervalMs?: number;
}

const INTERVAL_MS = 2000;

/**
 * Calls back after each change of a file: once it has stood still for an interval, so that nobody reads half of it.
 * By looking, not by notification: a look also sees a file that is replaced by rename, a link that is turned
 * elsewhere (as Kubernetes does with secrets) and a file on a network folder. An absent file is one that has not changed.
 */
export function watchFile(
  path: string,
  onChange: () => void,
  { signal, intervalMs = INTERVAL_MS }: WatchOptions,
): void {
  if (signal.aborted) return;
  const look = createLook(path, onChange, signal);
  void look();
  const timer = setInterval(() => void look(), intervalMs).unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** One look at the file, to be taken again and again; calls back where it finds that a change has come to rest. */
export function createLook(path: string, onChange: () => void, signal: AbortSignal): () => Promise<void> {
  const sawChange = createChangeDetector();
  let looking = false;
  return async () => {
    if (looking) return; // a slow network folder: one look at a time
    looking = true;
    const identity = await identify(path);
    looking = false;
    if (sawChange(identity) && !signal.aborted) onChange();
  };
}

/** Fed with what each look saw, says when a change has come to rest. The first look is what changes are measured by. */
export function createChangeDetector(): (identity: string | undefined) => boolean {
  let reported: string | undefined;
  let previous: string | undefined;
  return (identity) => {
    const rests = identity !== undefined && identity === previous;
    const isFirst = reported === undefined;
    previous = identity;
    if (isFirst) reported = identity;
    if (!rests || isFirst || identity === reported) return false;
    reported = identity;
    return true;
  };
}

async function identify(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [ino, size, mtimeMs, ctimeMs].join(':');
  } catch {
    return undefined;
  }
}
