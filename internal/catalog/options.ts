import type { ConfigOf, Option } from '../config/index.ts';

export const CATALOG_OPTIONS = [
  { key: 'catalog.type', type: ['sqlite'], default: 'sqlite', doc: 'The database that answers what is where.' },
  {
    key: 'catalog.path',
    type: 'string',
    default: undefined,
    doc: 'The SQLite file; catalog.db in storage.path where it is not set.',
  },
] as const satisfies readonly Option[];

export type CatalogConfig = ConfigOf<typeof CATALOG_OPTIONS>;
