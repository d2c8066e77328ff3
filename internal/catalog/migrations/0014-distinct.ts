import type { Migration } from './migration.ts';

/** How many rows of a table one repository is to be taken to have, however many it has by what is measured. */
const ROWS_OF_A_REPOSITORY: Readonly<Record<string, number>> = {
  manifests: 100,
  manifest_blobs: 500,
  manifest_children: 100,
  repository_blobs: 500,
  tags: 100,
};

/**
 * Tells PostgreSQL that a repository has many rows, as 0012 tells SQLite. It measures an average, and where most
 * repositories are small, reads all of a large one to find what else refers to a blob. (Negative: a share of all rows.)
 */
export const DISTINCT_REPOSITORIES: Migration = {
  name: '0014-distinct',
  version: '0.1',
  postgres: Object.entries(ROWS_OF_A_REPOSITORY).flatMap(([table, rows]) => [
    `alter table ${table} alter column repository_id set (n_distinct = ${-1 / rows})`,
    `analyze ${table}`,
  ]),
  sqlite: [],
};
