import type { By } from './asking.ts';

/** What a provider said of a user at the last login. */
export interface ProfileRow {
  readonly provider: string;
  /** Who they are there. */
  readonly subject: string;
  readonly avatarUrl: string | undefined;
  readonly organizations: readonly string[];
  readonly teams: readonly string[];
}

/** A browser that is signed in. */
export interface SessionRow {
  readonly userName: string;
  /** Of the user when the session began. */
  readonly generation: number;
  readonly createdMs: number;
  readonly expiresMs: number;
}

export interface WorkloadRuleRow {
  readonly name: string;
  /** JSON, as it was given. */
  readonly document: string;
  readonly changedMs: number;
}

export interface SignInQueries {
  findProfile(userName: string): Promise<ProfileRow | undefined>;
  /** The session that has not ended by then. */
  findSession(hash: string, nowMs: number): Promise<SessionRow | undefined>;
  /** All of them: as many as there are. */
  listWorkloadRules(): Promise<readonly WorkloadRuleRow[]>;
}

export interface SignInCommands {
  /**
   * Somebody whom a provider vouches for signs in: as the user whom that identity has, else as a new one. Nobody ever
   * becomes a user who is there already by a name or an address.
   */
  admitUser: {
    args: By & {
      readonly profile: ProfileRow;
      readonly email: string | undefined;
      readonly displayName: string | undefined;
      /** In place of those that the same provider told before. */
      readonly groups: readonly string[];
      /** Names for a new user, the best first: the first that nobody has, and that no binding is for. */
      readonly names: readonly string[];
      /** Names of users who are not in the catalog. */
      readonly reserved: readonly string[];
    };
    result:
      | Readonly<{ kind: 'admitted'; name: string; generation: number; isNew: boolean }>
      | Readonly<{ kind: 'disabled'; name: string }>
      /** None of the names is free. */
      | Readonly<{ kind: 'nameless' }>;
  };
  openSession: { args: SessionRow & { readonly hash: string; readonly nowMs: number }; result: void };
  /** Whether it was there. */
  closeSession: { args: { readonly hash: string }; result: boolean };
  /** Puts a new refresh token in the place of one of that scope: whose it is; undefined where it is none, or over. */
  rotateRefreshToken: {
    args: {
      readonly hash: string;
      readonly newHash: string;
      readonly scope: string;
      readonly nowMs: number;
      readonly expiresMs: number;
    };
    result: { readonly subject: string; readonly generation: number } | undefined;
  };
  /** True for the first who comes with the name, until it ends. */
  useOnce: { args: { readonly name: string; readonly nowMs: number; readonly expiresMs: number }; result: boolean };
  putWorkloadRule: { args: By & { readonly name: string; readonly document: string }; result: void };
  deleteWorkloadRule: { args: By & { readonly name: string }; result: Readonly<{ kind: 'deleted' | 'absent' }> };
}
