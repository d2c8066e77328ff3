import type { BindingRow, SigningKeyRow } from './auth-rows.ts';
import type { SignInCommands } from './sign-in-types.ts';
import type { By } from './asking.ts';

type Created = Readonly<{ kind: 'created' | 'exists' }>;
type Updated = Readonly<{ kind: 'updated' | 'absent' }>;
type Deleted = Readonly<{ kind: 'deleted' | 'absent' }>;

/** Changes of who there is and who may do what. Each raises the version by which caches know that they are old. */
export interface AuthCommands extends SignInCommands {
  createUser: {
    args: By & {
      readonly name: string;
      /** A PHC string. */
      readonly password: string | undefined;
      readonly email: string | undefined;
      readonly displayName: string | undefined;
      readonly groups: readonly string[];
      /** Roles that the user gets with it, by pattern. */
      readonly roles: readonly Pick<BindingRow, 'role' | 'pattern'>[];
    };
    result: Created;
  };
  /** Changes what is given. A new password, and disabling, end every token and upload of the user. */
  updateUser: {
    args: By & {
      readonly name: string;
      readonly password?: string | undefined;
      readonly email?: string | null | undefined;
      readonly displayName?: string | null | undefined;
      readonly disabled?: boolean | undefined;
      /** In place of those that were given here before; what providers say stays. */
      readonly groups?: readonly string[] | undefined;
    };
    result: Updated;
  };
  /** With all bindings, keys and tokens, so that whoever gets the name next gets nothing else. */
  deleteUser: { args: By & { readonly name: string }; result: Deleted };
  /** Notes when users last signed in: for people to see, so it raises no version and leaves no entry in the log. */
  noteSignIns: {
    args: { readonly signIns: readonly { readonly name: string; readonly timeMs: number }[] };
    result: void;
  };
  createKey: {
    args: By & {
      readonly name: string;
      /** SHA-256 of the key, in hex. */
      readonly hash: string;
      readonly owner: string | undefined;
      readonly repositories: readonly string[];
      readonly actions: readonly string[];
      readonly expiresMs: number | undefined;
    };
    result: Created | Readonly<{ kind: 'ownerAbsent' }>;
  };
  updateKey: {
    args: By & {
      readonly name: string;
      readonly repositories?: readonly string[] | undefined;
      readonly actions?: readonly string[] | undefined;
      readonly expiresMs?: number | null | undefined;
    };
    result: Updated;
  };
  /** With its bindings, tokens and uploads. */
  deleteKey: { args: By & { readonly name: string }; result: Deleted };
  noteKeyUses: { args: { readonly uses: readonly { readonly name: string; readonly timeMs: number }[] }; result: void };
  putRole: { args: By & { readonly name: string; readonly actions: readonly string[] }; result: void };
  deleteRole: { args: By & { readonly name: string }; result: Deleted | Readonly<{ kind: 'bound'; subject: string }> };
  /** `known`: the roles that are always there. */
  putBinding: {
    args: By & BindingRow & { readonly known: readonly string[] };
    result: Readonly<{ kind: 'stored' | 'roleAbsent' }>;
  };
  deleteBinding: { args: By & BindingRow; result: Deleted };
  addRefreshToken: {
    args: {
      readonly hash: string;
      readonly subject: string;
      readonly generation: number;
      readonly scope: string | undefined;
      readonly nowMs: number;
      readonly expiresMs: number;
    };
    result: void;
  };
  /** Takes a refresh token away, and refuses an access token from now on, which ends by itself at `expiresMs`. */
  revokeTokens: {
    args: By & {
      /** Whose they are, as in bindings. */
      readonly subject: string;
      readonly refreshHash?: string | undefined;
      readonly access?: { readonly id: string; readonly expiresMs: number } | undefined;
    };
    result: void;
  };
  /** Forgets what ended before `nowMs`, up to `limit` of each: tokens given out and given back, invitations. How many. */
  expireTokens: { args: { readonly nowMs: number; readonly limit: number }; result: number };
  /**
   * Adds the key where the newest there is came before `renewBeforeMs`, and drops those that came before `dropBeforeMs`
   * (never the newest). True where it was added.
   */
  rotateSigningKey: {
    args: { readonly key: SigningKeyRow; readonly renewBeforeMs: number; readonly dropBeforeMs: number };
    result: boolean;
  };
  /** Lets the user set a password by a link, once. */
  inviteUser: {
    args: By & { readonly name: string; readonly hash: string; readonly expiresMs: number };
    result: Readonly<{ kind: 'invited' | 'absent' }>;
  };
  /** Uses an invitation up: the user's name; undefined where it is none any more. */
  acceptInvitation: {
    args: By & { readonly hash: string; readonly password: string };
    result: string | undefined;
  };
}
