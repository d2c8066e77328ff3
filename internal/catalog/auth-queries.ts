import type { KeyRow, PolicyRows, RefreshTokenRow, SigningKeyRow, UserRow } from './auth-rows.ts';
import type { SignInQueries } from './sign-in-types.ts';
import type { PageOf } from './asking.ts';

/** Who there is, and who may do what. */
export interface AuthQueries extends SignInQueries {
  /** Counts up with each change of what these queries answer (last uses and refresh tokens apart). */
  authVersion(): Promise<number>;
  /** All roles and bindings: as much as there is. */
  readPolicy(): Promise<PolicyRows>;
  findUser(name: string): Promise<UserRow | undefined>;
  listUsers(page: PageOf<string>): Promise<readonly UserRow[]>;
  findKey(name: string): Promise<KeyRow | undefined>;
  /** The key whose SHA-256, in hex, is this. */
  findKeyByHash(hash: string): Promise<KeyRow | undefined>;
  listKeys(page: PageOf<string>): Promise<readonly KeyRow[]>;
  findRefreshToken(hash: string): Promise<RefreshTokenRow | undefined>;
  isTokenRevoked(id: string): Promise<boolean>;
  /** Every key that tokens may be signed with, the newest first. */
  listSigningKeys(): Promise<readonly SigningKeyRow[]>;
  /** The user whom an invitation is for; undefined where it is used, too old or none. */
  findInvitation(hash: string, nowMs: number): Promise<string | undefined>;
}
