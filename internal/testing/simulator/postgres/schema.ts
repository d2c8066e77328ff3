import { openMemory } from '../../../catalog/sqlite/open.ts';

/** A table as the catalog's migrations make it. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly key: readonly string[];
  /** The one that numbers rows by itself. */
  readonly identity: string | undefined;
  readonly uniques: readonly (readonly string[])[];
  readonly parents: readonly Parent[];
}

export interface Parent {
  readonly table: string;
  readonly columns: readonly string[];
  /** Of the parent, in the same order. */
  readonly references: readonly string[];
  readonly cascades: boolean;
}

/** Every table with its keys, read from a catalog on SQLite: there they are the same as on PostgreSQL. */
export function readSchema(): ReadonlyMap<string, TableShape> {
  const { ask, close } = openMemory();
  const tables = ask("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'");
  const shapes = tables.map(({ name }) => readTable(String(name), ask));
  close();
  return new Map(shapes.map((shape) => [shape.name, shape]));
}

type Ask = (sql: string) => readonly Record<string, unknown>[];

function readTable(name: string, ask: Ask): TableShape {
  const columns = ask(`pragma table_info(${name})`);
  const key = columns.filter(({ pk }) => pk !== 0).toSorted((a, b) => Number(a['pk']) - Number(b['pk']));
  const isNumbered =
    key.length === 1 && String(key[0]?.['type']).toLowerCase() === 'integer' && key[0]?.['name'] === 'id';
  const uniques = ask(`pragma index_list(${name})`)
    .filter(({ unique, origin }) => unique === 1 && origin !== 'pk')
    .map((index) => ask(`pragma index_info(${String(index['name'])})`).map((column) => String(column['name'])));
  const links = Map.groupBy(ask(`pragma foreign_key_list(${name})`), ({ id }) => id);
  return {
    name,
    columns: columns.map((column) => String(column['name'])),
    defaults: Object.fromEntries(columns.map((column) => [String(column['name']), literal(column['dflt_value'])])),
    key: key.map((column) => String(column['name'])),
    identity: isNumbered ? 'id' : undefined,
    uniques,
    parents: [...links.values()].map((link) => ({
      table: String(link[0]?.['table']),
      columns: link.map(({ from }) => String(from)),
      references: link.map(({ to }) => String(to)),
      cascades: link[0]?.['on_delete'] === 'CASCADE',
    })),
  };
}

function literal(text: unknown): unknown {
  if (typeof text !== 'string') return null;
  return text.startsWith("'") ? text.slice(1, -1) : Number(text);
}
