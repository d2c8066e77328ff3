import type { RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { Actor } from './actor.ts';
import type { Identity } from './principal.ts';
import type { Credentials, SignIn } from './sign-in.ts';

/** What a challenge says besides how to sign in. */
export interface Challenge {
  /** Scheme and host by which the client reached us. */
  readonly site: string;
  /** What to ask a token for. */
  readonly scope: string | undefined;
  /** RFC 6750, section 3.1: what was wrong with the credentials that came. */
  readonly error: string | undefined;
}

/** Who asks, and what they may: what the gate of every surface stands on. */
export interface Auth {
  /** Who sends these credentials. UNAVAILABLE where it cannot be told just now. */
  signIn(credentials: Credentials): Promise<SignIn>;
  /** The identity with what it may by the rules as they are now; UNAVAILABLE where they cannot be known. */
  actorOf(identity: Identity): Promise<Actor>;
  /** Whether the upload session is of that repository and principal. */
  ownsSession(identity: Identity, repository: RepositoryName, session: UploadId): Promise<boolean>;
  /** Whether rules may have changed since they were last looked at: to be asked before something is refused by them. */
  learn(): Promise<boolean>;
  /** The WWW-Authenticate header of a 401. */
  challenge(challenge: Challenge): string;
}
