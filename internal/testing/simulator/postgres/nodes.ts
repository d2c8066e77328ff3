import {
  AliasNode,
  ColumnNode,
  IdentifierNode,
  OperatorNode,
  ReferenceNode,
  TableNode,
  type AndNode,
  type BinaryOperationNode,
  type CastNode,
  type FunctionNode,
  type OperationNode,
  type OrNode,
  type ParensNode,
  type PrimitiveValueListNode,
  type RawNode,
  type SelectQueryNode,
  type TupleNode,
  type UnaryOperationNode,
  type ValueListNode,
  type ValueNode,
} from 'kysely';

/** What may stand where a value is wanted, as far as the catalog's statements go. */
export type Expression =
  | AndNode
  | BinaryOperationNode
  | CastNode
  | ColumnNode
  | FunctionNode
  | OrNode
  | ParensNode
  | PrimitiveValueListNode
  | RawNode
  | ReferenceNode
  | SelectQueryNode
  | TupleNode
  | UnaryOperationNode
  | ValueListNode
  | ValueNode;

/** A statement has come to use something that the model has to learn first. */
export function unknownTo(what: string): never {
  throw new Error(`the model of PostgreSQL does not know ${what}`);
}

export function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

export const operatorOf = (node: OperationNode): string =>
  OperatorNode.is(node) ? node.operator : unknownTo(`the operator ${node.kind}`);

export const tableOf = (node: OperationNode | undefined): string =>
  node && TableNode.is(node) ? node.table.identifier.name : unknownTo(`a ${node?.kind} in place of a table`);

/** Of a column, however it is named. */
export function columnOf(node: OperationNode): string {
  if (ColumnNode.is(node)) return node.column.name;
  if (ReferenceNode.is(node) && ColumnNode.is(node.column)) return node.column.column.name;
  return unknownTo(`a ${node.kind} in place of a column`);
}

/** What is under an alias, and the alias. */
export function unaliased(node: OperationNode): { readonly node: OperationNode; readonly alias: string | undefined } {
  if (!AliasNode.is(node)) return { node, alias: undefined };
  return {
    node: node.node,
    alias: IdentifierNode.is(node.alias) ? node.alias.name : unknownTo(`a ${node.alias.kind}`),
  };
}
