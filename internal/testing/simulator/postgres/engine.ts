import { SelectQueryNode, type OperationNode } from 'kysely';
import { DatabaseError } from 'pg';
import { POSTGRES } from '../../../catalog/postgres/dialect.ts';
import type { Text } from '../../../catalog/statement.ts';
import { Row, type LockMode, type Transaction, type Values } from './rows.ts';
import type { Parent, TableShape } from './schema.ts';
import { compileChange, type Change } from './change.ts';
import { compileSelect, createMeanings, type CompiledSelect, type Reading, type Tuple } from './select.ts';

/** What a statement waits for before it can go on: that these transactions end. */
export type Wait = readonly Transaction[];
/** A statement on its way; it is handed nothing, and gives its rows. */
export type Running = Generator<Wait, readonly Values[], void>;

const KEY_SEPARATOR = '\u0001';

type Program =
  | Readonly<{ kind: 'select'; select: CompiledSelect; lock: Lock | undefined }>
  | Readonly<{ kind: 'change'; change: Change }>;

/** Statements are the same in all histories: each is compiled once. */
const PROGRAMS = new WeakMap<Text, Program>();

function programOf(text: Text, schema: ReadonlyMap<string, TableShape>): Program {
  const known = PROGRAMS.get(text);
  if (known) return known;
  const built = text.build(POSTGRES) as unknown as { toOperationNode(): OperationNode }; // as every builder can
  const node = built.toOperationNode();
  const meanings = createMeanings(schema);
  const program: Program = SelectQueryNode.is(node)
    ? { kind: 'select', select: compileSelect(node, schema, meanings), lock: lockOf(node) }
    : { kind: 'change', change: compileChange(node, schema, meanings) };
  PROGRAMS.set(text, program);
  return program;
}

/** A failure as the server tells it. */
export function serverError(code: string, message: string): DatabaseError {
  const error = new DatabaseError(message, message.length, 'error');
  error.code = code;
  return error;
}

/**
 * A model of PostgreSQL at READ COMMITTED: each statement sees what was committed when it began, and what its own
 * transaction wrote; whoever locks or changes a row waits for who holds it, and then looks at that row as it is by now,
 * but at all others as its snapshot has them. Unique keys and foreign keys wait and refuse as the server's do.
 */
export class Engine {
  readonly #schema: ReadonlyMap<string, TableShape>;
  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #names = new Map<string, Transaction>();
  readonly #identities = new Map<string, number>();
  #transactions = 0;
  /** How many transactions were committed. */
  moment = 0;

  constructor(schema: ReadonlyMap<string, TableShape>) {
    this.#schema = schema;
    for (const name of schema.keys()) this.#tables.set(name, new Map());
  }

  begin(): Transaction {
    this.#transactions += 1;
    return { id: this.#transactions, locked: new Set(), named: new Set(), isOver: false };
  }

  commit(transaction: Transaction): void {
    this.moment += 1;
    this.#end(transaction, this.moment);
  }

  rollBack(transaction: Transaction): void {
    this.#end(transaction, undefined);
  }

  run(text: Text, params: Values, by: Transaction): Running {
    const program = programOf(text, this.#schema);
    if (program.kind === 'select') return this.#select(program.select, program.lock, params, by);
    return this.#change(program.change, params, by);
  }

  /** An advisory lock, to the end of the transaction. */
  *lockName(name: string, by: Transaction): Running {
    for (let holder; (holder = this.#names.get(name)) && holder !== by;) yield [holder];
    this.#names.set(name, by);
    by.named.add(name);
    return [];
  }

  /** What is committed in a table, for who looks on. */
  committed(table: string): readonly Values[] {
    const rows = [...this.#table(table).values()];
    return rows.map((row) => row.versions.at(-1)?.values).filter((values) => values !== undefined);
  }

  #end(transaction: Transaction, moment: number | undefined): void {
    for (const row of transaction.locked) row.end(transaction, moment);
    for (const name of transaction.named) this.#names.delete(name);
    transaction.isOver = true;
  }

  #table(name: string): Map<string, Row> {
    const table = this.#tables.get(name);
    if (!table) throw new Error(`there is no table ${name}`);
    return table;
  }

  #shape(name: string): TableShape {
    const shape = this.#schema.get(name);
    if (!shape) throw new Error(`there is no table ${name}`);
    return shape;
  }

  #reading(params: Values, by: Transaction): Reading & { readonly moment: number } {
    const moment = this.moment;
    const table = (name: string): Map<string, Row> => this.#table(name);
    return {
      params,
      moment,
      *rowsOf(name) {
        for (const row of table(name).values()) {
          const values = row.seen(moment, by);
          if (values) yield [row, values];
        }
      },
    };
  }

  *#select(select: CompiledSelect, lock: Lock | undefined, params: Values, by: Transaction): Running {
    const reading = this.#reading(params, by);
    const limit = select.limit(reading);
    const found: Tuple[] = [];
    for (const tuple of select.find({}, reading)) {
      if (found.length >= limit) break;
      const kept = lock ? yield* this.#lockTuple(select, tuple, lock, reading, by) : tuple;
      if (kept) found.push(kept);
    }
    return select.project(found, reading);
  }

  /** The combination with its rows locked, as they are by then; undefined where it does not fit any more. */
  *#lockTuple(
    { fits }: Pick<CompiledSelect, 'fits'>,
    { env, rows }: Tuple,
    { mode, isSkipping }: Lock,
    reading: Reading & { readonly moment: number },
    by: Transaction,
  ): Generator<Wait, Tuple | undefined, void> {
    let now = env;
    let isChanged = false;
    for (const [alias, row] of rows) {
      if (isSkipping && row.rivals(mode, by).length > 0) return undefined;
      yield* untilFree(row, mode, by);
      const values = row.latest(by);
      if (!values) return undefined; // deleted since
      row.lock(mode, by);
      if (!row.isNewerThan(reading.moment)) continue;
      isChanged = true;
      now = { ...now, [alias]: values };
    }
    return !isChanged || fits(now, reading) ? { env: now, rows } : undefined;
  }

  *#change(change: Change, params: Values, by: Transaction): Running {
    const reading = this.#reading(params, by);
    switch (change.kind) {
      case 'insert': {
        const given = change.values(reading);
        const tuples: Pick<Tuple, 'env'>[] = [];
        for (const values of given) {
          const stored = yield* this.#insert(change, values, reading, by);
          if (stored) tuples.push({ env: { [change.table]: stored } });
        }
        return change.returning(tuples, reading);
      }
      case 'update': {
        const tuples: Tuple[] = [];
        for (const tuple of [...change.find({}, reading)]) {
          const kept = yield* this.#lockTuple(change, tuple, { mode: 'no key update', isSkipping: false }, reading, by);
          const row = kept?.rows[0]?.[1];
          if (!kept || !row) continue;
          const values = { ...kept.env[change.table], ...change.set(kept.env, reading) };
          row.write(values, by);
          tuples.push({ ...kept, env: { ...kept.env, [change.table]: values } });
        }
        return change.returning(tuples, reading);
      }
      case 'delete': {
        const tuples: Tuple[] = [];
        for (const tuple of [...change.find({}, reading)]) {
          const kept = yield* this.#lockTuple(change, tuple, { mode: 'update', isSkipping: false }, reading, by);
          const row = kept?.rows[0]?.[1];
          const values = kept?.env[change.table];
          if (!kept || !row || !values) continue;
          row.write(undefined, by);
          yield* this.#leaveChildren(this.#shape(change.table), values, by);
          tuples.push(kept);
        }
        return change.returning(tuples, reading);
      }
      default:
        return change satisfies never;
    }
  }

  *#insert(
    change: Extract<Change, { kind: 'insert' }>,
    given: Values,
    reading: Reading,
    by: Transaction,
  ): Generator<Wait, Values | undefined, void> {
    const shape = this.#shape(change.table);
    const values = { ...shape.defaults, ...given };
    if (shape.identity !== undefined && given[shape.identity] === undefined) {
      const next = (this.#identities.get(shape.name) ?? 0) + 1;
      this.#identities.set(shape.name, next);
      values[shape.identity] = next;
    }
    for (;;) {
      const rival = yield* this.#findTwin(shape, values, by);
      if (!rival) break;
      if (!change.conflict) throw serverError('23505', `a row of ${shape.name} is there already`);
      if (change.conflict === 'nothing') return undefined;
      yield* untilFree(rival, 'no key update', by);
      const there = rival.latest(by);
      if (!there) continue; // it went while it was waited for
      rival.lock('no key update', by);
      const env = { [shape.name]: there, excluded: values };
      if (!change.conflict.fits(env, reading)) return undefined;
      const changed = { ...there, ...change.conflict.set(env, reading) };
      rival.write(changed, by);
      return changed;
    }
    const key = keyOf(shape.key, values);
    const table = this.#table(shape.name);
    const row = table.get(key) ?? new Row();
    table.set(key, row);
    row.lock('update', by);
    row.write(values, by);
    for (const parent of shape.parents) yield* this.#holdParent(parent, values, by);
    return values;
  }

  /** A row that has a unique key of the values; waits where that depends on a transaction that is not over. */
  *#findTwin(shape: TableShape, values: Values, by: Transaction): Generator<Wait, Row | undefined, void> {
    for (const columns of [shape.key, ...shape.uniques]) {
      if (columns.some((column) => (values[column] ?? null) === null)) continue;
      const key = keyOf(columns, values);
      const isKey = columns === shape.key;
      for (let row; (row = this.#holderOf(shape, key, isKey ? undefined : columns, by));) {
        const other = row.written && row.written.by !== by ? row.written.by : undefined;
        if (!other) return row;
        yield [other];
      }
    }
    return undefined;
  }

  /** The row with that key, now or in a transaction that is not over. */
  #holderOf(shape: TableShape, key: string, columns: readonly string[] | undefined, by: Transaction): Row | undefined {
    const table = this.#table(shape.name);
    const isThere = (row: Row): boolean =>
      row.latest(by) !== undefined ||
      (row.written !== undefined && row.written.by !== by && row.written.values !== undefined);
    if (!columns) {
      const row = table.get(key);
      return row && isThere(row) ? row : undefined;
    }
    for (const row of table.values()) {
      const values = row.latest(by) ?? row.written?.values;
      if (values && isThere(row) && keyOf(columns, values) === key) return row;
    }
    return undefined;
  }

  /** What the values refer to must be there, and stays to the end of the transaction. */
  *#holdParent(parent: Parent, values: Values, by: Transaction): Generator<Wait, void, void> {
    if (parent.columns.some((column) => (values[column] ?? null) === null)) return;
    const shape = this.#shape(parent.table);
    const wanted = Object.fromEntries(
      parent.references.map((column, index) => [column, values[parent.columns[index] ?? '']]),
    );
    const row = this.#table(parent.table).get(keyOf(shape.key, wanted));
    if (row) yield* untilFree(row, 'key share', by);
    if (!row?.latest(by)) throw serverError('23503', `no row of ${parent.table} is referred to`);
    row.lock('key share', by);
  }

  /** Rows that refer to one that goes: they go too, or keep it. */
  *#leaveChildren(shape: TableShape, values: Values, by: Transaction): Generator<Wait, void, void> {
    for (const child of this.#schema.values()) {
      for (const parent of child.parents) {
        if (parent.table !== shape.name) continue;
        const key = keyOf(parent.references, values);
        for (const row of this.#table(child.name).values()) {
          const known = row.latest(by);
          if (!known || keyOf(parent.columns, known) !== key) continue;
          if (!parent.cascades) throw serverError('23503', `a row of ${child.name} refers to it`);
          yield* untilFree(row, 'update', by);
          row.lock('update', by);
          row.write(undefined, by);
        }
      }
    }
  }
}

/** Waits until nobody keeps the transaction from such a lock on the row. */
function* untilFree(row: Row, mode: LockMode, by: Transaction): Generator<Wait, void, void> {
  for (let rivals; (rivals = row.rivals(mode, by)).length > 0;) yield rivals;
}

const keyOf = (columns: readonly string[], values: Values): string =>
  columns.map((column) => String(values[column])).join(KEY_SEPARATOR);

interface Lock {
  readonly mode: LockMode;
  readonly isSkipping: boolean;
}

const MODES: Readonly<Record<string, LockMode>> = {
  ForUpdate: 'update',
  ForNoKeyUpdate: 'no key update',
  ForShare: 'share',
  ForKeyShare: 'key share',
};

function lockOf({ endModifiers = [] }: SelectQueryNode): Lock | undefined {
  const modifiers = endModifiers.map(({ modifier = '' }): string => modifier);
  const mode = modifiers.map((modifier) => MODES[modifier]).find((found) => found !== undefined);
  return mode && { mode, isSkipping: modifiers.includes('SkipLocked') };
}
