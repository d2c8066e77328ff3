import type { Migration } from './migration.ts';

/**
 * A table as SQLite is to think of it: how many rows, and of how many of them the first columns of an index say the
 * same, the first one alone, the first two, and so on. The primary key goes by the table's name.
 */
const STATISTICS: readonly (readonly [table: string, index: string, rows: string])[] = [
  ['repositories', 'sqlite_autoindex_repositories_1', '10000 1'],
  ['manifests', 'manifests', '1000000 100 1'],
  ['manifests', 'manifests_by_subject', '100000 100 10 1'],
  ['manifests', 'manifests_by_subject_and_type', '100000 100 10 5 1'],
  ['manifest_blobs', 'manifest_blobs', '5000000 500 5 1'],
  ['manifest_blobs', 'manifest_blobs_by_digest', '5000000 3 2 1'],
  ['manifest_children', 'manifest_children', '100000 100 5 1'],
  ['manifest_children', 'manifest_children_by_digest', '100000 100 2 1'],
  ['repository_blobs', 'repository_blobs', '5000000 500 1'],
  ['repository_blobs', 'repository_blobs_by_digest', '5000000 2 1'],
  ['tags', 'tags', '1000000 100 1'],
  ['tags', 'tags_by_digest', '1000000 100 2 1'],
];

const values = STATISTICS.map(([table, index, rows]) => `('${table}', '${index}', '${rows}')`).join(', ');

/**
 * Tells SQLite that a repository has many rows and a digest few. Not knowing, it takes ten rows to be of one repository,
 * and reads all of a repository to find the tags of one manifest or what refers to it. The figures are fixed, so that
 * plans are the same in every file: they are never measured (`analyze`). PostgreSQL measures its own all the time.
 */
export const STATISTICS_OF_TABLES: Migration = {
  name: '0012-statistics',
  version: '0.1',
  postgres: [],
  sqlite: [
    // Makes sqlite_stat1 where it is not there; at the end, so that this connection goes by what it holds now.
    'analyze sqlite_schema',
    `delete from sqlite_stat1 where tbl in (${[...new Set(STATISTICS.map(([table]) => `'${table}'`))].join(', ')})`,
    `insert into sqlite_stat1 (tbl, idx, stat) values ${values}`,
    'analyze sqlite_schema',
  ],
};
