import { createHash } from 'node:crypto';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Schema } from '../schema.ts';
import { compile, type Compiled, type Text } from '../statement.ts';

/** Makes SQL text and runs nothing. */
export const POSTGRES = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** A statement as a connection prepares it: once, under its name. */
export interface Named extends Compiled {
  readonly name: string;
}

/** Compiles each statement at its first use. The name follows from the text, so that no name ever means two texts. */
export function createStatements(): (text: Text) => Named {
  const cache = new Map<Text, Named>();
  return (text) => {
    const known = cache.get(text);
    if (known) return known;
    const { sql, order } = compile(text, POSTGRES);
    const named = { sql, order, name: createHash('sha256').update(sql).digest('hex').slice(0, 16) };
    cache.set(text, named);
    return named;
  };
}
