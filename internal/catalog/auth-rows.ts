/** A user as stored. */
export interface UserRow {
  readonly name: string;
  /** A PHC string; undefined where the user has none. */
  readonly password: string | undefined;
  readonly email: string | undefined;
  readonly displayName: string | undefined;
  readonly disabled: boolean;
  /** Tokens of another generation are none of this user's, or of before a new password. */
  readonly generation: number;
  readonly createdMs: number;
  readonly signedInMs: number | undefined;
  /** Whoever says so, each once, in order. */
  readonly groups: readonly string[];
}

/** A key without its secret. */
export interface KeyRow {
  readonly name: string;
  /** A user; undefined: a robot's. */
  readonly owner: string | undefined;
  readonly repositories: readonly string[];
  readonly actions: readonly string[];
  readonly createdMs: number;
  readonly expiresMs: number | undefined;
  readonly usedMs: number | undefined;
}

export interface RoleRow {
  readonly name: string;
  readonly actions: readonly string[];
}

export interface BindingRow {
  readonly subject: string;
  readonly role: string;
  readonly pattern: string;
}

export interface PolicyRows {
  readonly roles: readonly RoleRow[];
  readonly bindings: readonly BindingRow[];
}

export interface RefreshTokenRow {
  readonly subject: string;
  readonly generation: number;
  /** JSON, as it was given. */
  readonly scope: string | undefined;
  readonly expiresMs: number;
}

export interface SigningKeyRow {
  readonly kid: string;
  readonly algorithm: string;
  /** JSON Web Keys, as text. */
  readonly publicJwk: string;
  readonly privateJwk: string;
  readonly createdMs: number;
}
