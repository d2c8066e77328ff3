import type { Access } from './principal.ts';

/** An attempt to sign in by a password. */
export interface Attempt {
  readonly user: string;
  readonly address: string;
  readonly requestId: string;
}

/** Keeps passwords from being guessed: by name, and by where attempts come from. */
export interface LoginGuard {
  /** What the check says, which a wrong password makes false; or how long to wait, where too many were wrong before. */
  attempt(attempt: Attempt, check: () => Promise<boolean>): Promise<boolean | Readonly<{ retryAfterMs: number }>>;
}

/** What more there is to tell: short, and never a secret. */
export type EventDetail = Readonly<Record<string, string>>;

/** Hears who signed in, and who tried: not of each request with a token or key, or with a password that is remembered. */
export interface SignInEvents {
  signedIn(
    event: Omit<Attempt, 'user'> & {
      readonly principal: string;
      readonly method: string;
      readonly detail?: EventDetail;
    },
  ): void;
  refused(event: Attempt & { readonly method: string; readonly detail?: EventDetail }): void;
}

/** The rules by which jobs of CIs come in. */
export interface Workloads {
  /** What a rule's jobs may do; undefined where there is no such rule (any more). */
  find(rule: string): Promise<Access | undefined>;
}
