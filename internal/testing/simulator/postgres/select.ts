import {
  AggregateFunctionNode,
  RawNode,
  SelectQueryNode,
  TableNode,
  type OperationNode,
  type OrderByItemNode,
  type SelectionNode,
} from 'kysely';
import {
  compareValues,
  compileExpression,
  type Compile,
  type Env,
  type Evaluate,
  type Meanings,
  type Scope,
} from './expressions.ts';
import { columnOf, tableOf, unaliased, unknownTo } from './nodes.ts';
import type { Row, Values } from './rows.ts';
import type { TableShape } from './schema.ts';

/** Where a select reads its rows, as its statement sees them. */
export interface Reading {
  readonly params: Values;
  /** All rows of a table that the statement sees. */
  rowsOf(table: string): Iterable<readonly [Row, Values]>;
}

/** A combination of rows that a select found: their values by alias, and the rows themselves. */
export interface Tuple {
  readonly env: Env;
  readonly rows: readonly (readonly [alias: string, row: Row])[];
}

export interface CompiledSelect {
  readonly scope: Scope;
  /** Combinations that fit, in order; not limited. */
  readonly find: (env: Env, reading: Reading) => Iterable<Tuple>;
  /** Whether a combination with other values of its rows fits too. */
  readonly fits: (env: Env, reading: Reading) => boolean;
  readonly limit: (reading: Reading) => number;
  readonly project: (tuples: readonly Tuple[], reading: Reading) => readonly Values[];
}

interface Source {
  readonly alias: string;
  readonly columns: readonly string[];
  readonly read: (env: Env, reading: Reading) => Iterable<readonly [Row | undefined, Values]>;
  readonly on: Evaluate<Reading> | undefined;
  readonly isOuter: boolean;
}

export function createMeanings(schema: ReadonlyMap<string, TableShape>): Meanings<Reading> {
  const meanings: Meanings<Reading> = {
    param: ({ params }, name) => params[name] ?? null,
    subquery: (node, scope) => {
      if (!SelectQueryNode.is(node)) return unknownTo(`a ${node.kind} in place of a select`);
      const select = compileSelect(node, schema, meanings, scope);
      return (env, reading) => {
        const limit = select.limit(reading);
        const found: Tuple[] = [];
        for (const tuple of select.find(env, reading)) {
          if (found.length >= limit) break;
          found.push(tuple);
        }
        return select.project(found, reading);
      };
    },
  };
  return meanings;
}

export function compileSelect(
  node: SelectQueryNode,
  schema: ReadonlyMap<string, TableShape>,
  meanings: Meanings<Reading>,
  outer?: Scope,
): CompiledSelect {
  const sources = sourcesOf(node, schema, meanings, outer);
  const scope: Scope = { tables: new Map(sources.map(({ alias, columns }) => [alias, { columns }])), outer };
  const compile: Compile<Reading> = (inner) => compileExpression(inner, scope, meanings);
  const joined = sources.map((source) => ({ ...source, on: source.onNode && compile(source.onNode) }));
  const where = node.where ? compile(node.where.where) : () => true;
  const fits = (env: Env, reading: Reading): boolean =>
    joined.every(({ on, isOuter }) => isOuter || (on?.(env, reading) ?? true) === true) && where(env, reading) === true;
  const limit = node.limit ? compile(node.limit.limit) : () => Infinity;
  const order = compileOrder(node.orderBy?.items ?? [], compile);
  return {
    scope,
    fits,
    find: (env, reading) => order(combine(joined, 0, env, NO_ROWS, reading, where), reading),
    limit: (reading) => Number(limit({}, reading)),
    project: compileSelections(node.selections, compile),
  };
}

function sourcesOf(
  node: SelectQueryNode,
  schema: ReadonlyMap<string, TableShape>,
  meanings: Meanings<Reading>,
  outer: Scope | undefined,
): readonly (Source & { readonly onNode: OperationNode | undefined })[] {
  const froms = (node.from?.froms ?? []).map((from) => ({
    ...sourceOf(from, schema, meanings, outer),
    isOuter: false,
    onNode: undefined,
  }));
  const joins = (node.joins ?? []).map(({ joinType, table, on }) => {
    if (joinType !== 'InnerJoin' && joinType !== 'LeftJoin') return unknownTo(`a ${joinType}`);
    return { ...sourceOf(table, schema, meanings, outer), isOuter: joinType === 'LeftJoin', onNode: on?.on };
  });
  return [...froms, ...joins].map((source) => ({ ...source, on: undefined }));
}

function sourceOf(
  given: OperationNode,
  schema: ReadonlyMap<string, TableShape>,
  meanings: Meanings<Reading>,
  outer: Scope | undefined,
): Pick<Source, 'alias' | 'columns' | 'read'> {
  const { node, alias } = unaliased(given);
  if (TableNode.is(node)) {
    const table = tableOf(node);
    const { columns } = schema.get(table) ?? unknownTo(`the table ${table}`);
    return { alias: alias ?? table, columns, read: (_, reading) => reading.rowsOf(table) };
  }
  if (!SelectQueryNode.is(node) || alias === undefined) return unknownTo(`a ${node.kind} in place of a table`);
  const rows = meanings.subquery(node, { tables: new Map(), outer });
  return {
    alias,
    columns: (node.selections ?? []).map(({ selection }) => columnNameOf(selection)),
    read: (env, reading) => rows(env, reading).map((values) => [undefined, values] as const),
  };
}

const NO_ROWS: Tuple['rows'] = [];

/** Nested loops: tables are tiny here. */
function* combine(
  sources: readonly Source[],
  index: number,
  env: Env,
  rows: Tuple['rows'],
  reading: Reading,
  where: Evaluate<Reading>,
): Generator<Tuple> {
  const source = sources[index];
  if (!source) {
    if (where(env, reading) === true) yield { env, rows };
    return;
  }
  const { alias, on, isOuter } = source;
  let isFound = false;
  for (const [row, values] of source.read(env, reading)) {
    const next: Env = { ...env, [alias]: values };
    if (on && on(next, reading) !== true) continue;
    isFound = true;
    yield* combine(sources, index + 1, next, row ? [...rows, [alias, row]] : rows, reading, where);
  }
  if (!isFound && isOuter) yield* combine(sources, index + 1, { ...env, [alias]: undefined }, rows, reading, where);
}

function compileOrder(items: readonly OrderByItemNode[], compile: Compile<Reading>) {
  const keys = items.map((item) => compile(item.orderBy));
  const signs = items.map(({ direction }) => (direction && isDescending(direction) ? -1 : 1));
  return (tuples: Iterable<Tuple>, reading: Reading): Iterable<Tuple> => {
    if (keys.length === 0) return tuples;
    const keyed = [...tuples].map((tuple) => ({ tuple, key: keys.map((key) => key(tuple.env, reading)) }));
    keyed.sort((one, other) => {
      for (const [index, value] of one.key.entries()) {
        const order = compareValues(value, other.key[index]) ?? 0;
        if (order !== 0) return order * (signs[index] ?? 1);
      }
      return 0;
    });
    return keyed.map(({ tuple }) => tuple);
  };
}

const isDescending = (direction: OperationNode): boolean =>
  RawNode.is(direction) && direction.sqlFragments.join('').includes('desc');

function columnNameOf(given: OperationNode): string {
  const { node, alias } = unaliased(given);
  return alias ?? columnOf(node);
}

/** What a select or `returning` gives for its combinations of rows; one row for all of them where it sums up. */
export function compileSelections(
  given: readonly SelectionNode[] | undefined,
  compile: Compile<Reading>,
): (tuples: readonly Pick<Tuple, 'env'>[], reading: Reading) => readonly Values[] {
  const selections = (given ?? []).map(({ selection }) => ({ node: unaliased(selection).node, selection }));
  const sums = selections.flatMap(({ node, selection }) =>
    AggregateFunctionNode.is(node) ? [[columnNameOf(selection), compileSum(node, compile)] as const] : [],
  );
  if (sums.length > 0) {
    if (sums.length < selections.length) return unknownTo('sums beside columns');
    return (tuples, reading) => [Object.fromEntries(sums.map(([name, sum]) => [name, sum(tuples, reading)]))];
  }
  const members = selections.map(({ node, selection }) => [columnNameOf(selection), compile(node)] as const);
  return (tuples, reading) =>
    tuples.map(({ env }) => Object.fromEntries(members.map(([name, value]) => [name, value(env, reading) ?? null])));
}

function compileSum({ func, aggregated }: AggregateFunctionNode, compile: Compile<Reading>) {
  const [what] = aggregated;
  const member: Evaluate<Reading> = func === 'count' || !what ? () => 1 : compile(what);
  return (tuples: readonly Pick<Tuple, 'env'>[], reading: Reading): unknown => {
    const values = tuples.map(({ env }) => member(env, reading)).filter((value) => value !== null);
    switch (func) {
      case 'count':
        return values.length;
      case 'sum':
        return values.length === 0 ? null : (values as number[]).reduce((sum, value) => sum + value, 0);
      case 'max':
        return values.reduce((most: unknown, value) => ((compareValues(value, most) ?? 1) > 0 ? value : most), null);
      default:
        return unknownTo(`${func}()`);
    }
  };
}
