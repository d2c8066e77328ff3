import type { X509Certificate } from 'node:crypto';
import type { Identity } from './principal.ts';

/** What a request brings to be known by, as it was sent. Nothing of it is ever logged. */
export interface Credentials {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** The Cookie header. */
  readonly cookie: string | undefined;
  /** The client's certificate, where the connection has one that an authority which we trust has signed. */
  readonly certificate: X509Certificate | undefined;
  /** The client's address. */
  readonly address: string;
  readonly requestId: string;
}

/** The same, taken apart. */
export interface Presented {
  readonly basic: Readonly<{ user: string; password: string }> | undefined;
  readonly bearer: string | undefined;
  readonly cookies: ReadonlyMap<string, string>;
  readonly certificate: X509Certificate | undefined;
  readonly address: string;
  readonly requestId: string;
}

export type SignIn =
  /** No credentials at all. */
  | Readonly<{ kind: 'anonymous' }>
  | Readonly<{
      kind: 'signedIn';
      identity: Identity;
      /** Whether a browser sends such credentials by itself, also for pages of other sites: a cookie, a certificate. */
      ambient: boolean;
    }>
  /** Right in all but its time: good for the URL of an upload that its principal began, and for nothing else. */
  | Readonly<{ kind: 'expired'; identity: Identity }>
  /** Credentials that are nobody's. */
  | Readonly<{ kind: 'refused' }>
  /** Too many wrong ones came from there, or for that name. */
  | Readonly<{ kind: 'limited'; retryAfterMs: number }>;

/** One way to sign in. Throws where it cannot tell just now. */
export interface Method {
  readonly name: string;
  /** Undefined: these credentials are not for this method; the next one is asked. */
  readonly signIn: (presented: Presented) => Promise<SignIn | undefined>;
}
