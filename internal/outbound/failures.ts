/**
 * Why a call to others came to nothing: `refused` by our own rules, `unreachable` (no name, no connection, cut off),
 * `timeout`, `tooLarge`. An answer with any status is none of these.
 */
export type OutboundFailure = 'refused' | 'unreachable' | 'timeout' | 'tooLarge';

/** The message is for the log: it names hosts and addresses. */
export class OutboundError extends Error {
  readonly failure: OutboundFailure;

  constructor(failure: OutboundFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OutboundError';
    this.failure = failure;
  }
}
