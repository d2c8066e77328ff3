import type {
  BinaryOperationNode,
  FunctionNode,
  OperationNode,
  RawNode,
  ReferenceNode,
  UnaryOperationNode,
} from 'kysely';
import { columnOf, isNode, operatorOf, tableOf, unknownTo, type Expression } from './nodes.ts';
import type { Values } from './rows.ts';
import type { TableShape } from './schema.ts';

/** A row for each table that an expression may name, by alias; undefined for what an outer join did not find. */
export type Env = Readonly<Record<string, Values | undefined>>;

/** Which tables an expression may name: those of its own statement, then those around it. */
export interface Scope {
  readonly tables: ReadonlyMap<string, Pick<TableShape, 'columns'>>;
  readonly outer: Scope | undefined;
}

export type Evaluate<Context> = (env: Env, context: Context) => unknown;
export type Compile<Context> = (node: OperationNode) => Evaluate<Context>;

/** What expressions need of whoever evaluates them. */
export interface Meanings<Context> {
  param(context: Context, name: string): unknown;
  subquery(node: OperationNode, scope: Scope): (env: Env, context: Context) => readonly Values[];
}

/** Makes a function of an expression, in the sense of SQL: what is compared with nothing is neither true nor false. */
export function compileExpression<Context>(
  given: OperationNode,
  scope: Scope,
  meanings: Meanings<Context>,
): Evaluate<Context> {
  const node = given as Expression; // others end in the default below
  const compile: Compile<Context> = (inner) => compileExpression(inner, scope, meanings);
  switch (node.kind) {
    case 'ParensNode':
      return compile(node.node);
    case 'CastNode':
      return compile(node.expression);
    case 'ValueNode':
      return constantOrParam(node.value, meanings);
    case 'ReferenceNode':
      return compileReference(node, scope);
    case 'ColumnNode':
      return readColumn(columnOf(node), scope);
    case 'AndNode': {
      const [left, right] = [compile(node.left), compile(node.right)];
      return (env, context) => left(env, context) === true && right(env, context) === true;
    }
    case 'OrNode': {
      const [left, right] = [compile(node.left), compile(node.right)];
      return (env, context) => left(env, context) === true || right(env, context) === true;
    }
    case 'UnaryOperationNode':
      return compileUnary(node, compile, scope, meanings);
    case 'BinaryOperationNode':
      return compileBinary(node, compile);
    case 'TupleNode':
    case 'ValueListNode':
    case 'PrimitiveValueListNode': {
      const members = node.values.map((member) =>
        isNode(member) ? compile(member) : constantOrParam(member, meanings),
      );
      return (env, context) => members.map((member) => member(env, context));
    }
    case 'FunctionNode':
      return compileFunction(node, compile);
    case 'SelectQueryNode': {
      const rows = meanings.subquery(node, scope);
      return (env, context) => {
        const [first] = rows(env, context);
        return first ? (Object.values(first)[0] ?? null) : null;
      };
    }
    case 'RawNode':
      return compileRaw(node, scope);
    default:
      return unknownTo(`a ${given.kind}`);
  }
}

const ONE_OF = /^(?:(?<table>\w+)\.)?(?<column>\w+) in \((?<members>'[\w.]+'(?:, '[\w.]+')*)\)$/;

/** The one thing that statements spell out: that a column is one of some texts, as an index that serves them has it. */
function compileRaw<Context>({ sqlFragments: [text = ''] }: RawNode, scope: Scope): Evaluate<Context> {
  const { table, column, members } = ONE_OF.exec(text)?.groups ?? unknownTo(text);
  if (column === undefined || members === undefined) return unknownTo(text);
  const texts = members.split(', ').map((member) => member.slice(1, -1));
  const read: Evaluate<Context> = table ? (env) => env[table]?.[column] : readColumn(column, scope);
  return (env, context) => texts.includes(String(read(env, context)));
}

/** Constants are written with `lit`; everything else that is bound is a parameter. */
function constantOrParam<Context>(value: unknown, meanings: Meanings<Context>): Evaluate<Context> {
  if (typeof value !== 'object' || value === null) return () => value;
  const { name } = value as { readonly name: string };
  return (_, context) => meanings.param(context, name);
}

function compileReference<Context>(node: ReferenceNode, scope: Scope): Evaluate<Context> {
  const column = columnOf(node);
  if (!node.table) return readColumn(column, scope);
  const table = tableOf(node.table);
  return (env) => env[table]?.[column] ?? null;
}

function readColumn<Context>(column: string, scope: Scope): Evaluate<Context> {
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    for (const [alias, { columns }] of at.tables) {
      if (alias !== 'excluded' && columns.includes(column)) return (env) => env[alias]?.[column] ?? null;
    }
  }
  return unknownTo(`a column ${column} here`);
}

function compileUnary<Context>(
  { operator: given, operand: inner }: UnaryOperationNode,
  compile: Compile<Context>,
  scope: Scope,
  meanings: Meanings<Context>,
): Evaluate<Context> {
  const operator = operatorOf(given);
  if (operator === 'exists' || operator === 'not exists') {
    const rows = meanings.subquery(inner, scope);
    return (env, context) => rows(env, context).length > 0 === (operator === 'exists');
  }
  if (operator !== 'not') return unknownTo(`the operator ${operator}`);
  const operand = compile(inner);
  return (env, context) => {
    const value = operand(env, context);
    return value === null ? null : value !== true;
  };
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compileBinary<Context>(node: BinaryOperationNode, compile: Compile<Context>): Evaluate<Context> {
  const operator = operatorOf(node.operator);
  const [left, right] = [compile(node.leftOperand), compile(node.rightOperand)];
  switch (operator) {
    case 'is':
      return (env, context) => (left(env, context) ?? null) === (right(env, context) ?? null);
    case 'is not':
      return (env, context) => (left(env, context) ?? null) !== (right(env, context) ?? null);
    case '+':
      return (env, context) => Number(left(env, context)) + Number(right(env, context));
    case 'in':
      return (env, context) => (right(env, context) as readonly unknown[]).includes(left(env, context));
    case 'not in':
      return (env, context) => !(right(env, context) as readonly unknown[]).includes(left(env, context));
    default: {
      const meaning = COMPARISONS[operator] ?? unknownTo(`the operator ${operator}`);
      return (env, context) => {
        const order = compareValues(left(env, context), right(env, context));
        return order === undefined ? null : meaning(order);
      };
    }
  }
}

/** Below 0 where the one comes first; undefined where there is nothing to compare. */
export function compareValues(one: unknown, other: unknown): number | undefined {
  if (Array.isArray(one) && Array.isArray(other)) {
    for (const [index, member] of one.entries()) {
      const order = compareValues(member, other[index]);
      if (order !== 0) return order;
    }
    return 0;
  }
  if (one === null || one === undefined || other === null || other === undefined) return undefined;
  if (one === other) return 0;
  return (one as string) < (other as string) ? -1 : 1; // numbers compare as such too
}

function compileFunction<Context>(node: FunctionNode, compile: Compile<Context>): Evaluate<Context> {
  if (node.func !== 'coalesce') return unknownTo(`${node.func}()`);
  const members = node.arguments.map(compile);
  return (env, context) => {
    for (const member of members) {
      const value = member(env, context);
      if (value !== null && value !== undefined) return value;
    }
    return null;
  };
}
