import type { SignInSchema } from './sign-in-schema.ts';

/** The tables of who there is and who may do what, as the query builder knows them (migrations/0002-auth.ts). */
export interface AuthSchema extends SignInSchema {
  counters: { name: string; value: number };
  users: UsersTable;
  user_groups: { user_name: string; source: string; group_name: string };
  identities: { provider: string; subject: string; user_name: string };
  roles: { name: string; actions: string };
  bindings: { subject: string; role: string; pattern: string };
  api_keys: ApiKeysTable;
  refresh_tokens: RefreshTokensTable;
  revoked_tokens: { id: string; expires_ms: number };
  signing_keys: { kid: string; algorithm: string; public_jwk: string; private_jwk: string; created_ms: number };
  invitations: { hash: string; user_name: string; expires_ms: number };
}

interface UsersTable {
  name: string;
  password: string | null;
  email: string | null;
  display_name: string | null;
  disabled: number;
  generation: number;
  created_ms: number;
  signed_in_ms: number | null;
}

interface ApiKeysTable {
  name: string;
  hash: string;
  owner: string | null;
  repositories: string;
  actions: string;
  created_ms: number;
  expires_ms: number | null;
  used_ms: number | null;
}

interface RefreshTokensTable {
  hash: string;
  subject: string;
  generation: number;
  scope: string | null;
  created_ms: number;
  expires_ms: number;
}
