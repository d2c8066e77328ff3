/** The tables of signing in, as the query builder knows them (migrations/0005-sign-in.ts). */
export interface SignInSchema {
  profiles: {
    user_name: string;
    provider: string;
    subject: string;
    avatar_url: string | null;
    organizations: string;
    teams: string;
  };
  sessions: { hash: string; user_name: string; generation: number; created_ms: number; expires_ms: number };
  used_once: { name: string; expires_ms: number };
  workload_rules: { name: string; document: string; changed_ms: number };
}
