import type { Compilable, Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** What is bound to a statement's placeholders, by name. */
export type Params = Readonly<Record<string, string | number | null>>;

/** A statement as the builder was told it, before any dialect. */
export interface Text {
  readonly build: (builder: Kysely<Schema>) => Compilable;
}

declare const types: unique symbol;
/** One statement for every engine: what it is asked with, and what its rows are. */
export interface Statement<Asked, Row> extends Text {
  readonly [types]?: (asked: Asked) => Row;
}

/** A statement in one dialect: placeholders are bound by position, `order` names the parameter of each. */
export interface Compiled {
  readonly sql: string;
  readonly order: readonly string[];
}

class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Declares a statement: `statement<{ tag: Tag }>()((q, p) => q.selectFrom('tags')....where('name', '=', p.tag))`.
 * `p` has the types of the parameters, but holds placeholders; constants are written with `lit`.
 */
export function statement<Asked extends Params>() {
  return <Row>(make: (q: Kysely<Schema>, p: Asked) => Compilable<Row>): Statement<Asked, Row> => ({
    build: (builder) => make(builder, PLACEHOLDERS as Asked),
  });
}

const PLACEHOLDERS: unknown = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) });

/** The statement in the dialect of `builder`, which never runs anything itself. */
export function compile(text: Text, builder: Kysely<Schema>): Compiled {
  const { sql, parameters } = text.build(builder).compile();
  const order = parameters.map((parameter) => {
    if (parameter instanceof Placeholder) return parameter.name;
    throw new Error(`a constant in a statement is written with lit: ${sql}`);
  });
  return { sql, order };
}
