import { randomBytes } from 'node:crypto';
import type { ExternalIdentity, ProviderRules } from './mappings.ts';

/** What a browser takes along while it is at a provider; nothing else knows it. */
export interface Attempt {
  /** Ties the answer to the browser that asked. */
  readonly state: string;
  /** Ties the ID token to this attempt. */
  readonly nonce: string;
  /** RFC 7636: the code is of no use without it. */
  readonly verifier: string;
  readonly redirectUri: string;
}

export function createAttempt(redirectUri: string): Attempt {
  const random = (): string => randomBytes(32).toString('base64url');
  return { state: random(), nonce: random(), verifier: random(), redirectUri };
}

/** Somewhere people sign in. */
export interface Provider {
  /** In our configuration, and in the path of its login. */
  readonly name: string;
  readonly rules: ProviderRules;
  /** Where the browser is sent. Throws ProviderFailed. */
  begin(attempt: Attempt): Promise<URL>;
  /** Who came back, by the query that they came back with. Throws ProviderFailed. */
  finish(attempt: Attempt, query: URLSearchParams): Promise<ExternalIdentity>;
}

/**
 * `away`: the provider cannot be reached. `refused`: it said no, or its answer does not hold. `barred`: somebody whom we
 * do not take, whatever the provider says.
 */
export type ProviderFailure = 'away' | 'refused' | 'barred';

/** The message is for the log. */
export class ProviderFailed extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ProviderFailed';
    this.failure = failure;
  }
}
