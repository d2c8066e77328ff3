import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type LimitNode,
  type SelectQueryNode,
  ValueNode,
} from 'kysely';
import type { Schema } from '../schema.ts';
import { compile, type Text } from '../statement.ts';
import type { Step } from '../step.ts';

class Compiler extends SqliteQueryCompiler {
  /** A transaction that writes has the whole file to itself: the locks on rows that commands ask for are left out. */
  protected override visitSelectQuery({ endModifiers: _locks, ...node }: SelectQueryNode): void {
    super.visitSelectQuery(node);
  }

  /** Where a limit is a parameter and nothing else, SQLite plans the statement anew each time, to make use of its value. */
  protected override visitLimit({ limit }: LimitNode): void {
    this.append(ValueNode.is(limit) && limit.immediate ? 'limit ' : 'limit 0 + ');
    this.visitNode(limit);
  }
}

/** Makes SQL text and runs nothing. */
export const SQLITE = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  },
});

/** One connection and its prepared statements. Everything on it happens at once, in the thread that calls. */
export interface Connection {
  /** Runs SQL without parameters or rows. */
  readonly exec: (sql: string) => void;
  /** The rows of SQL without parameters, for what no statement is needed for: pragmas and the schema. */
  readonly ask: (sql: string) => readonly Record<string, unknown>[];
  /** Runs one step and gives what it wants: a row or undefined, rows, or nothing. */
  readonly execute: (step: Step) => unknown;
  /** The rows of a statement without parameters, one by one; a loop that is left gives the statement back. */
  readonly iterate: (text: Text) => Iterable<unknown>;
  readonly inTransaction: () => boolean;
  /** The same number as before: no other connection has committed in between, as far as this one has looked. */
  readonly version: () => number;
  readonly close: () => void;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly order: readonly string[];
  readonly columns: readonly string[];
}

/** Node's own objects of rows take SQLite twice as long to make, and all who read them longer to read. */
function toRow(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index += 1) row[columns[index] as string] = values[index];
  return row;
}

/** Opens the file, or `:memory:`. Waits up to `timeoutMs` where another connection holds a lock. */
export function openConnection(path: string, timeoutMs: number): Connection {
  const database = new DatabaseSync(path, { timeout: timeoutMs, enableForeignKeyConstraints: true });
  const cache = new Map<Text, Prepared>();
  let versionOf: StatementSync | undefined;

  const prepareOnce = (text: Text): StatementSync => database.prepare(compile(text, SQLITE).sql);

  function prepare(text: Text): Prepared {
    const { sql, order } = compile(text, SQLITE);
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const prepared = { statement, order, columns: statement.columns().map(({ name }) => name) };
    cache.set(text, prepared);
    return prepared;
  }

  return {
    exec: (sql) => database.exec(sql),
    ask: (sql) => database.prepare(sql).all(),
    execute: ({ text, params, want }) => {
      if (want === 'lock') return undefined; // as with locks on rows
      const { statement, order, columns } = cache.get(text) ?? prepare(text);
      const values: SQLInputValue[] = order.map((name) => params[name] as SQLInputValue);
      if (want === 'row') {
        const found = statement.get(...values) as unknown as readonly unknown[] | undefined;
        return found && toRow(columns, found);
      }
      if (want === 'rows') {
        const found = statement.all(...values) as unknown as readonly (readonly unknown[])[];
        return found.map((each) => toRow(columns, each));
      }
      return statement.run(...values);
    },
    // Not from the cache: a statement that is asked again while it is read would start over.
    iterate: (text) => prepareOnce(text).iterate(),
    inTransaction: () => database.isTransaction,
    version: () => {
      versionOf ??= database.prepare('pragma data_version');
      return Number(versionOf.get()?.['data_version']);
    },
    close: () => database.close(),
  };
}
