import type { Io } from './types.ts';

/** Tells people how far something has come. It writes to stderr, and nothing at all where that would be over at once. */
export interface Progress {
  /** How much there is in all, as soon as that is known. The time until then counts for nothing. */
  total(pieces: number): void;
  /** So much more is done. */
  done(pieces: number): void;
  /** Takes a line that stands on a terminal away, before anything else is written; it comes back by itself. */
  clear(): void;
}

export interface ProgressOptions {
  /** What is being done, and to what: `Restored`, `manifests`. */
  readonly verb: string;
  readonly noun: string;
  /** How pieces are written, for those that are no plain numbers. */
  readonly format?: (pieces: number) => string;
  /** Milliseconds. */
  readonly clock: () => number;
}

const TERMINAL_MS = 250;
const LINES_MS = 10_000;
const CLEAR = '\r\u{1b}[K';

/** On a terminal one line that changes, with a bar where the end is known; elsewhere a line every ten seconds. */
export function createProgress({ stderr }: Pick<Io, 'stderr'>, options: ProgressOptions): Progress {
  const { verb, noun, clock, format = (pieces) => pieces.toLocaleString('en') } = options;
  let startMs = clock();
  const isTerminal = stderr.isTTY === true;
  let toldMs = startMs;
  let isShown = false;
  let [sum, all]: [number, number | undefined] = [0, undefined];

  function tell(): void {
    const seconds = (clock() - startMs) / 1000;
    const rate = seconds > 0 ? sum / seconds : 0;
    const [of, left] = all === undefined || all === 0 ? ['', ''] : [` of ${format(all)}`, estimate(all - sum, rate)];
    const percent = all ? ` (${Math.min(100, Math.floor((100 * sum) / all))} %)` : '';
    const line = `${verb} ${format(sum)}${of} ${noun}${percent}, ${format(Math.round(rate))} a second${left}`;
    const drawn = all ? `${bar(sum / all)} ${line}` : line;
    stderr.write(isTerminal ? `${CLEAR}${drawn.slice(0, (stderr.columns ?? Infinity) - 1)}` : `${line}\n`);
    isShown = isTerminal;
  }

  return {
    total: (pieces) => {
      all = pieces;
      startMs = clock();
      toldMs = startMs;
    },
    done: (pieces) => {
      sum += pieces;
      if (clock() - toldMs < (isTerminal ? TERMINAL_MS : LINES_MS)) return;
      toldMs = clock();
      tell();
    },
    clear: () => {
      if (isShown) stderr.write(CLEAR);
      isShown = false;
    },
  };
}

const BAR_WIDTH = 20;

/** `[######              ]` */
function bar(share: number): string {
  const filled = Math.min(BAR_WIDTH, Math.floor(share * BAR_WIDTH));
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
}

function estimate(left: number, rate: number): string {
  if (rate === 0 || left <= 0) return '';
  return `, about ${formatSeconds(left / rate)} left`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.ceil((seconds % 3600) / 60)} min`;
}
