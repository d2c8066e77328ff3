import type { Migration } from './migration.ts';

/** Which indexes name a manifest. */
const PARENTS_INDEX = `create index manifest_children_by_digest on manifest_children (repository_id, digest, manifest)`;

/** What must be known before a manifest goes that something larger is made of (commands/guarded-tags.ts). */
export const PARENTS: Migration = {
  name: '0006-parents',
  version: '0.1',
  postgres: [PARENTS_INDEX],
  sqlite: [PARENTS_INDEX],
};
