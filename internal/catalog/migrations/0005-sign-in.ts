import type { Migration } from './migration.ts';
import { SIGN_IN_ON_POSTGRES } from './0005-sign-in-postgres.ts';

/** Signing in by the word of others, and browsers that stay signed in. */
export const SIGN_IN: Migration = {
  name: '0005-sign-in',
  version: '0.1',
  postgres: SIGN_IN_ON_POSTGRES,
  sqlite: [
    // What a provider said of a user at the last login; decided by it is nothing. Lists: JSON arrays of text.
    `create table profiles (
      user_name text primary key references users (name) on delete cascade,
      provider text not null,
      subject text not null,
      avatar_url text,
      organizations text not null,
      teams text not null
    ) strict, without rowid`,

    // Browsers that are signed in: `hash` is SHA-256 in hex of what the cookie holds. The user may be of a file. A session
    // of another generation than the user's is none.
    `create table sessions (
      hash text primary key,
      user_name text not null,
      generation integer not null,
      created_ms integer not null,
      expires_ms integer not null
    ) strict, without rowid`,
    // openSession
    `create index sessions_by_expiry on sessions (expires_ms)`,

    // What counts once: states of logins, ids of tokens of a CI. Kept until they would not count any more anyway.
    `create table used_once (name text primary key, expires_ms integer not null) strict, without rowid`,
    // useOnce
    `create index used_once_by_expiry on used_once (expires_ms)`,

    // Rules for tokens of a CI, beside those of the configuration. `document`: JSON.
    `create table workload_rules (
      name text primary key,
      document text not null,
      changed_ms integer not null
    ) strict, without rowid`,
  ],
};
