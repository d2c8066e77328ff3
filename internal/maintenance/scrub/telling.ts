import type { Digest } from '../../../pkg/oci/index.ts';
import { summarize } from './hurt.ts';
import type { ScrubRun } from './run.ts';
import type { Finding } from './types.ts';

/** What the scrub tells: `internal/log` gives one that fits. */
export interface ScrubLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A line of the log names so many tags. */
const NAMED = 20;

/** How the scrub words what it finds, for the log. */
export function createTelling(log: ScrubLog, onFinding: (finding: Finding) => void = () => undefined) {
  function finding(found: Finding): void {
    const { digest, sizeBytes, problem, detail, mendedFrom, failures, hurt } = found;
    const { names, more } = summarize(hurt, NAMED);
    const fields = { digest, bytes: sizeBytes, problem, detail, hurt: names, ...(more > 0 && { more }) };
    if (mendedFrom !== undefined) log.info('Damaged content was mended', { ...fields, from: mendedFrom });
    else if (problem === 'unreadable') log.error('Stored content cannot be read', { ...fields, failures });
    else log.error('Damaged content is quarantined', { ...fields, failures });
    onFinding(found);
  }

  return {
    finding,
    /** What was told before is told again only when it is mended. */
    again: (found: Finding): void => {
      if (found.mendedFrom !== undefined) finding(found);
    },
    failure: (digest: Digest, error: unknown): void =>
      log.error('Content that looked damaged could not be examined', { digest, error }),
    /** A schedule's is told by who runs the jobs; one that was stopped is no failure. */
    brokeOff: ({ trigger }: ScrubRun, error: unknown, wasStopped: boolean): void => {
      if (!wasStopped && trigger !== 'schedule') log.error('A pass over all content broke off', { error });
    },
    end: ({ finishedMs, startedMs, trigger, tally }: ScrubRun): void => {
      if (finishedMs === undefined) return;
      const seconds = (finishedMs - startedMs) / 1000;
      log.info('All content was read', { trigger, ...tally, seconds });
    },
  };
}
