/**
 * Who there is, and who may do what, as rows of a dump. What is short-lived is not among them: sessions, tokens,
 * invitations; nor are the keys that tokens are signed with, whose private halves would make the dump a secret of
 * another kind: others are made where it is loaded, and clients sign in once more. Lists are JSON, as they are stored.
 */
export type PeopleRow =
  | Readonly<{
      kind: 'user';
      name: string;
      /** A PHC string. */
      password: string | undefined;
      email: string | undefined;
      displayName: string | undefined;
      /** 0 or 1. */
      disabled: number;
      generation: number;
      createdMs: number;
      signedInMs: number | undefined;
    }>
  | Readonly<{ kind: 'group'; user: string; source: string; name: string }>
  | Readonly<{ kind: 'identity'; provider: string; subject: string; user: string }>
  | Readonly<{
      kind: 'profile';
      user: string;
      provider: string;
      subject: string;
      avatarUrl: string | undefined;
      organizations: string;
      teams: string;
    }>
  | Readonly<{ kind: 'role'; name: string; actions: string }>
  | Readonly<{ kind: 'binding'; subject: string; role: string; pattern: string }>
  | Readonly<{
      kind: 'key';
      name: string;
      /** SHA-256 of the key, in hex. */
      hash: string;
      owner: string | undefined;
      repositories: string;
      actions: string;
      createdMs: number;
      expiresMs: number | undefined;
      usedMs: number | undefined;
    }>
  | Readonly<{ kind: 'workload'; name: string; document: string; changedMs: number }>;

export type PeopleKind = PeopleRow['kind'];
export type PeopleRowOf<Kind extends PeopleKind> = Extract<PeopleRow, { kind: Kind }>;

/** Every kind, each after those that its rows refer to. */
export const PEOPLE_KINDS = [
  'user',
  'group',
  'identity',
  'profile',
  'role',
  'binding',
  'key',
  'workload',
] as const satisfies readonly PeopleKind[];
