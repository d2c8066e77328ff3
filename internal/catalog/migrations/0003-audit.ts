import type { Migration } from './migration.ts';

// The same words in both engines, and in the condition of the query that it serves.
const EVENTS = `create index changes_events on changes (time_ms, id) where action not in
  ('manifest.put', 'manifest.delete', 'tag.put', 'tag.delete', 'blob.put', 'blob.mount', 'blob.delete')`;

// The log of the process tells of what comes from now on: not of all that ever was.
const BEGIN = `insert into cursors (name, sequence) select 'audit-log', max(sequence) from changes having max(sequence) > 0`;

/**
 * The log tells of more than content: of users, keys and roles, of who signed in, and of what was refused. Such an entry
 * may be about no repository, which is then the empty text. `detail` is a JSON object. Rows from before were all done.
 * `hash` is what the sealer makes of the row alone (log-hash.ts), so that an audit can tell which one was altered.
 */
export const AUDIT: Migration = {
  name: '0003-audit',
  version: '0.1',
  sqlite: [
    `alter table changes add column result text not null default 'done'`,
    `alter table changes add column detail text`,
    `alter table changes add column hash text`,
    // listAudit: of everything, of a principal, of a repository, and of what is not about content
    `create index changes_by_time on changes (time_ms, id)`,
    `create index changes_by_principal on changes (principal, time_ms, id)`,
    `create index changes_by_repository on changes (repository, time_ms, id) where repository <> ''`,
    EVENTS,
    BEGIN,
  ],
  postgres: [
    `alter table changes add column result text collate "C" not null default 'done'`,
    `alter table changes add column detail text collate "C"`,
    `alter table changes add column hash text collate "C"`,
    `create index changes_by_time on changes (time_ms, id)`,
    `create index changes_by_principal on changes (principal, time_ms, id)`,
    `create index changes_by_repository on changes (repository, time_ms, id) where repository <> ''`,
    EVENTS,
    BEGIN,
  ],
};
