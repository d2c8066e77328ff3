const LINGER_MS = 2000;

/**
 * Ends the process with this exit code in two seconds, where it has not ended by itself: all is closed and what was
 * written was flushed as far as its reader took it, and one that stalls must not hold the exit.
 */
export function exitSoon(exitCode: number): void {
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
}
