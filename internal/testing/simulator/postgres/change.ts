import {
  DeleteQueryNode,
  InsertQueryNode,
  SelectQueryNode,
  UpdateQueryNode,
  ValuesNode,
  type ColumnUpdateNode,
  type OnConflictNode,
  type OperationNode,
  type ReturningNode,
  type WhereNode,
} from 'kysely';
import { compileExpression, type Compile, type Env, type Meanings, type Scope } from './expressions.ts';
import { columnOf, tableOf, unknownTo } from './nodes.ts';
import type { Values } from './rows.ts';
import type { TableShape } from './schema.ts';
import { compileSelect, compileSelections, type Reading, type Tuple } from './select.ts';

type Returning = (tuples: readonly Pick<Tuple, 'env'>[], reading: Reading) => readonly Values[];
type Setting = (env: Env, reading: Reading) => Values;
type Fits = (env: Env, reading: Reading) => boolean;

/** A statement that writes, ready to be run. */
export type Change =
  | Readonly<{
      kind: 'insert';
      table: string;
      values: (reading: Reading) => readonly Values[];
      /** What becomes of a row that is there already; undefined where that is a failure. */
      conflict: 'nothing' | Readonly<{ set: Setting; fits: Fits }> | undefined;
      returning: Returning;
    }>
  | Readonly<{
      kind: 'update';
      table: string;
      find: (env: Env, reading: Reading) => Iterable<Tuple>;
      fits: Fits;
      set: Setting;
      returning: Returning;
    }>
  | Readonly<{
      kind: 'delete';
      table: string;
      find: (env: Env, reading: Reading) => Iterable<Tuple>;
      fits: Fits;
      returning: Returning;
    }>;

export function compileChange(
  node: OperationNode,
  schema: ReadonlyMap<string, TableShape>,
  meanings: Meanings<Reading>,
): Change {
  if (InsertQueryNode.is(node)) {
    const table = tableOf(node.into);
    const compile = compilerFor(table, schema, meanings);
    return {
      kind: 'insert',
      table,
      values: compileValues(node, compile, meanings),
      conflict: node.onConflict && compileConflict(node.onConflict, compile),
      returning: compileReturning(node.returning, compile),
    };
  }
  if (UpdateQueryNode.is(node)) {
    const table = tableOf(node.table);
    const compile = compilerFor(table, schema, meanings);
    const { find, fits } = compileSelect(selectOf(node.table, node.where), schema, meanings);
    const set = compileSetting(node.updates ?? [], compile);
    return { kind: 'update', table, find, fits, set, returning: compileReturning(node.returning, compile) };
  }
  if (DeleteQueryNode.is(node)) {
    const [target] = node.from.froms;
    const table = tableOf(target);
    const compile = compilerFor(table, schema, meanings);
    const { find, fits } = compileSelect(selectOf(target, node.where), schema, meanings);
    return { kind: 'delete', table, find, fits, returning: compileReturning(node.returning, compile) };
  }
  return unknownTo(`a ${node.kind}`);
}

function compilerFor(
  table: string,
  schema: ReadonlyMap<string, TableShape>,
  meanings: Meanings<Reading>,
): Compile<Reading> {
  const shape = schema.get(table) ?? unknownTo(`the table ${table}`);
  const tables = new Map([
    [table, shape],
    ['excluded', shape],
  ]);
  const scope: Scope = { tables, outer: undefined };
  return (inner) => compileExpression(inner, scope, meanings);
}

/** The rows that a statement is about, as a select finds them. */
function selectOf(target: OperationNode | undefined, where: WhereNode | undefined): SelectQueryNode {
  return { ...SelectQueryNode.createFrom(target ? [target] : []), ...(where && { where }) };
}

const compileReturning = (node: ReturningNode | undefined, compile: Compile<Reading>): Returning =>
  node ? compileSelections(node.selections, compile) : () => [];

function compileValues(
  { columns = [], values }: InsertQueryNode,
  compile: Compile<Reading>,
  meanings: Meanings<Reading>,
): (reading: Reading) => readonly Values[] {
  const names = columns.map(columnOf);
  const named = (given: readonly unknown[]): Values =>
    Object.fromEntries(names.map((name, index) => [name, given[index] ?? null]));
  if (values && SelectQueryNode.is(values)) {
    const rows = meanings.subquery(values, { tables: new Map(), outer: undefined });
    return (reading) => rows({}, reading).map((row) => named(Object.values(row)));
  }
  if (!values || !ValuesNode.is(values)) return unknownTo(`a ${values?.kind} in place of values`);
  const lists = values.values.map(compile);
  return (reading) => lists.map((list) => named(list({}, reading) as readonly unknown[]));
}

function compileConflict(
  node: OnConflictNode,
  compile: Compile<Reading>,
): Extract<Change, { kind: 'insert' }>['conflict'] {
  if (node.doNothing) return 'nothing';
  const where = node.updateWhere ? compile(node.updateWhere.where) : () => true;
  return { set: compileSetting(node.updates ?? [], compile), fits: (env, reading) => where(env, reading) === true };
}

function compileSetting(updates: readonly ColumnUpdateNode[], compile: Compile<Reading>): Setting {
  const members = updates.map(({ column, value }) => [columnOf(column), compile(value)] as const);
  return (env, reading) => Object.fromEntries(members.map(([column, value]) => [column, value(env, reading) ?? null]));
}
