import { AUTH_ON_POSTGRES } from './0002-auth-postgres.ts';
import type { Migration } from './migration.ts';

/**
 * Who there is, and who may do what. No table holds a secret that could be used: passwords, keys, refresh tokens and
 * invitations are hashes. The private halves of the signing keys are the exception, since every replica signs with them;
 * a dump leaves them out.
 */
export const AUTH: Migration = {
  name: '0002-auth',
  version: '0.1',
  postgres: AUTH_ON_POSTGRES,
  sqlite: [
    // `auth` counts changes of all that is here, so that caches of other processes know when to ask again.
    `create table counters (name text primary key, value integer not null) strict, without rowid`,

    // `password`: a PHC string, null where the user signs in elsewhere or was invited and has not come yet. Tokens of an
    // older `generation` are refused: it is raised by a new password, by disabling, and is new where a name is used again.
    `create table users (
      name text primary key,
      password text,
      email text,
      display_name text,
      disabled integer not null,
      generation integer not null,
      created_ms integer not null,
      signed_in_ms integer
    ) strict, without rowid`,

    // `source`: who says so; the groups that a provider tells are replaced at each sign-in, those of others stay.
    `create table user_groups (
      user_name text not null references users (name) on delete cascade,
      source text not null,
      group_name text not null,
      primary key (user_name, source, group_name)
    ) strict, without rowid`,

    // Which user somebody is that a provider knows as `subject`.
    `create table identities (
      provider text not null,
      subject text not null,
      user_name text not null references users (name) on delete cascade,
      primary key (provider, subject)
    ) strict, without rowid`,
    // deleteUser
    `create index identities_by_user on identities (user_name)`,

    // `actions`: JSON array of text. The built-in roles have no row.
    `create table roles (name text primary key, actions text not null) strict, without rowid`,

    `create table bindings (
      subject text not null,
      role text not null,
      pattern text not null,
      primary key (subject, role, pattern)
    ) strict, without rowid`,
    // deleteRole
    `create index bindings_by_role on bindings (role)`,

    // `hash`: SHA-256 in hex of the key. An owner is a user; a robot has none. `repositories` and `actions`: JSON arrays.
    `create table api_keys (
      name text primary key,
      hash text not null unique,
      owner text references users (name) on delete cascade,
      repositories text not null,
      actions text not null,
      created_ms integer not null,
      expires_ms integer,
      used_ms integer
    ) strict, without rowid`,
    // deleteUser
    `create index api_keys_by_owner on api_keys (owner, name) where owner is not null`,

    // `subject`: as in bindings. `scope`: JSON, null where the token is as good as its principal.
    `create table refresh_tokens (
      hash text primary key,
      subject text not null,
      generation integer not null,
      scope text,
      created_ms integer not null,
      expires_ms integer not null
    ) strict, without rowid`,
    // deleteUser, deleteKey
    `create index refresh_tokens_by_subject on refresh_tokens (subject)`,
    // expireTokens
    `create index refresh_tokens_by_expiry on refresh_tokens (expires_ms)`,

    // Access tokens that were given back before their time.
    `create table revoked_tokens (id text primary key, expires_ms integer not null) strict, without rowid`,
    // expireTokens
    `create index revoked_tokens_by_expiry on revoked_tokens (expires_ms)`,

    // Keys that tokens are signed with: the newest signs, all of them verify until they are taken away.
    `create table signing_keys (
      kid text primary key,
      algorithm text not null,
      public_jwk text not null,
      private_jwk text not null,
      created_ms integer not null
    ) strict, without rowid`,
    // listSigningKeys, rotateSigningKey
    `create index signing_keys_by_age on signing_keys (created_ms)`,

    // One-time links by which a user sets a password: `hash` is SHA-256 in hex of what the link holds.
    `create table invitations (
      hash text primary key,
      user_name text not null references users (name) on delete cascade,
      expires_ms integer not null
    ) strict, without rowid`,
    // deleteUser
    `create index invitations_by_user on invitations (user_name)`,
    // expireTokens
    `create index invitations_by_expiry on invitations (expires_ms)`,
  ],
};
