/** The tables of 0005-sign-in.ts as PostgreSQL has them. */
export const SIGN_IN_ON_POSTGRES: readonly string[] = [
  `create table profiles (
    user_name text collate "C" primary key references users (name) on delete cascade,
    provider text collate "C" not null,
    subject text collate "C" not null,
    avatar_url text collate "C",
    organizations text collate "C" not null,
    teams text collate "C" not null
  )`,

  `create table sessions (
    hash text collate "C" primary key,
    user_name text collate "C" not null,
    generation bigint not null,
    created_ms bigint not null,
    expires_ms bigint not null
  )`,
  `create index sessions_by_expiry on sessions (expires_ms)`,

  `create table used_once (name text collate "C" primary key, expires_ms bigint not null)`,
  `create index used_once_by_expiry on used_once (expires_ms)`,

  `create table workload_rules (
    name text collate "C" primary key,
    document text collate "C" not null,
    changed_ms bigint not null
  )`,
];
