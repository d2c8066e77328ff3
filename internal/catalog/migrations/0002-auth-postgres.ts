/** The tables of 0002-auth.ts as PostgreSQL has them. */
export const AUTH_ON_POSTGRES: readonly string[] = [
  `create table counters (name text collate "C" primary key, value bigint not null)`,

  `create table users (
    name text collate "C" primary key,
    password text collate "C",
    email text collate "C",
    display_name text collate "C",
    disabled integer not null,
    generation bigint not null,
    created_ms bigint not null,
    signed_in_ms bigint
  )`,

  `create table user_groups (
    user_name text collate "C" not null references users (name) on delete cascade,
    source text collate "C" not null,
    group_name text collate "C" not null,
    primary key (user_name, source, group_name)
  )`,

  `create table identities (
    provider text collate "C" not null,
    subject text collate "C" not null,
    user_name text collate "C" not null references users (name) on delete cascade,
    primary key (provider, subject)
  )`,
  `create index identities_by_user on identities (user_name)`,

  `create table roles (name text collate "C" primary key, actions text collate "C" not null)`,

  `create table bindings (
    subject text collate "C" not null,
    role text collate "C" not null,
    pattern text collate "C" not null,
    primary key (subject, role, pattern)
  )`,
  `create index bindings_by_role on bindings (role)`,

  `create table api_keys (
    name text collate "C" primary key,
    hash text collate "C" not null unique,
    owner text collate "C" references users (name) on delete cascade,
    repositories text collate "C" not null,
    actions text collate "C" not null,
    created_ms bigint not null,
    expires_ms bigint,
    used_ms bigint
  )`,
  `create index api_keys_by_owner on api_keys (owner, name) where owner is not null`,

  `create table refresh_tokens (
    hash text collate "C" primary key,
    subject text collate "C" not null,
    generation bigint not null,
    scope text collate "C",
    created_ms bigint not null,
    expires_ms bigint not null
  )`,
  `create index refresh_tokens_by_subject on refresh_tokens (subject)`,
  `create index refresh_tokens_by_expiry on refresh_tokens (expires_ms)`,

  `create table revoked_tokens (id text collate "C" primary key, expires_ms bigint not null)`,
  `create index revoked_tokens_by_expiry on revoked_tokens (expires_ms)`,

  `create table signing_keys (
    kid text collate "C" primary key,
    algorithm text collate "C" not null,
    public_jwk text collate "C" not null,
    private_jwk text collate "C" not null,
    created_ms bigint not null
  )`,
  `create index signing_keys_by_age on signing_keys (created_ms)`,

  `create table invitations (
    hash text collate "C" primary key,
    user_name text collate "C" not null references users (name) on delete cascade,
    expires_ms bigint not null
  )`,
  `create index invitations_by_user on invitations (user_name)`,
  `create index invitations_by_expiry on invitations (expires_ms)`,
];
