import type { Migration } from './migration.ts';

const UNLIST = `update repositories set listed = 0
  where listed = 1
    and not exists (select 1 from manifests where manifests.repository_id = repositories.id)`;

/** `listed` goes with the last manifest, so that a page of repositories need not ask each for one. */
export const LISTED: Migration = {
  name: '0013-listed',
  version: '0.1',
  postgres: [UNLIST],
  sqlite: [UNLIST],
};
