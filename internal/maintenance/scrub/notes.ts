import type { ScrubRun } from './run.ts';

export interface NotesDeps {
  readonly record: (run: ScrubRun) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Told of every change, whether it is noted at once or not. */
  readonly onProgress: ((run: ScrubRun) => void) | undefined;
}

/** A pass that goes on, and what is noted of it. */
export interface Notes {
  /** The pass as it stands. */
  run(): ScrubRun;
  /** Notes it every few seconds at most; never rejects. */
  note(change: Partial<ScrubRun>): Promise<void>;
  /** Notes it for the last time. Where that fails it counts as cut short. */
  end(change: Partial<ScrubRun>): Promise<ScrubRun>;
}

/** How often a pass is noted while it goes on. */
const SIGN_MS = 5000;

export function keepNotes(begun: ScrubRun, { record, clock, onProgress }: NotesDeps): Notes {
  let run = begun;
  let notedMs = Number.NEGATIVE_INFINITY;
  let noted: Promise<void> = Promise.resolve();
  // One after the other, so that an old note never comes after a new one; what fails is in the next.
  function note(change: Partial<ScrubRun>): Promise<void> {
    run = { ...run, ...change, aliveMs: clock() };
    onProgress?.(run);
    if (clock() - notedMs < SIGN_MS) return noted;
    notedMs = clock();
    const now = run;
    noted = noted.then(() => record(now)).catch(() => undefined);
    return noted;
  }
  // A large content takes longer to read than a pass may be silent.
  const sign = setInterval(() => void note({}), SIGN_MS);
  sign.unref();
  return {
    run: () => run,
    note,
    async end(change) {
      clearInterval(sign);
      run = { ...run, ...change, isUnderWay: false, aliveMs: clock() };
      await noted;
      await record(run).catch(() => undefined);
      return run;
    },
  };
}
