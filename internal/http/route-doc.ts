/** A JSON schema of draft 2020-12, which OpenAPI 3.1 takes as it is. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface ParameterDoc {
  readonly name: string;
  readonly in: 'query' | 'header';
  readonly description: string;
  /** A string where it is not given. */
  readonly schema?: JsonSchema | undefined;
  readonly required?: boolean;
}

/** Content of a body: its media type, and the shape of it where that is JSON or a form. */
export interface ContentDoc {
  readonly type: string;
  readonly schema?: JsonSchema | undefined;
}

export interface AnswerDoc {
  readonly description: string;
  readonly content?: ContentDoc | undefined;
  /** What its headers say, by name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What the OpenAPI document says of a route. How any route may refuse (401, 403, 429, ...) is not repeated. */
export interface RouteDoc {
  /** One sentence, without its full stop. */
  readonly summary: string;
  /** What the names in its path stand for, by name. */
  readonly path?: Readonly<Record<string, string>> | undefined;
  readonly parameters?: readonly ParameterDoc[] | undefined;
  readonly body?: readonly ContentDoc[] | undefined;
  readonly answers: Readonly<Record<number, AnswerDoc>>;
  /** The form of its failures; the product's where it is not given. */
  readonly refusal?: ContentDoc | undefined;
}
