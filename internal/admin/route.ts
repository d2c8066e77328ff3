import type * as z from 'zod';
import { OciError } from '../../pkg/oci/index.ts';
import {
  gatherBody,
  type AnswerDoc,
  type Exchange,
  type Method,
  type PathRoute,
  type Visibility,
} from '../http/index.ts';
import { contentOf, parametersOf } from './schemas.ts';

/** A route of the product's own paths; same shape as those of `/v2`. */
export interface AdminRoute extends PathRoute {
  /** For what watches the server, which is never told to come again later. */
  readonly isProbe: boolean;
}

/** The names in a path's template: of `/admin/users/{name}` it is `name`. */
type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** A request whose parts were checked against the route's schemas. */
export interface Asked<Path extends string, Query, Body> {
  readonly path: Readonly<Record<NamesIn<Path>, string>>;
  readonly query: Query;
  readonly body: Body;
}

interface Answer extends Omit<AnswerDoc, 'content'> {
  /** JSON of this shape. */
  readonly json?: z.ZodType;
  /** Another media type. */
  readonly type?: string;
}

interface Spec<Path extends string, Query, Body> {
  readonly method: Method;
  /** A literal segment goes before a name in its place: `/auth/login` is never `/auth/{provider}`. */
  readonly path: Path;
  /**
   * `open`: the gate is not asked, whoever comes and with whatever credentials. `challenged`: whoever signed in, and
   * everybody where that is not asked for. `admin`: who administers the server.
   */
  readonly visibility: Exclude<Visibility, 'repository'>;
  readonly isProbe?: boolean;
  /** A token has to be good for lists of repositories. */
  readonly action?: 'catalog';
  readonly summary: string;
  /** What the names in the path stand for. */
  readonly names?: Readonly<Record<NamesIn<Path>, string>>;
  /** An object of strings; what it does not know is refused where it is a strict one. */
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** How the body may be written: JSON where it is not given. */
  readonly forms?: readonly BodyForm[];
  readonly answers: Readonly<Record<number, Answer>>;
  readonly handle: (asked: Asked<Path, Query, Body>, exchange: Exchange) => Promise<void> | void;
}

type BodyForm = 'json' | 'form';
const MEDIA_TYPES: Readonly<Record<BodyForm, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
};
const LONGEST_BODY = 64 * 1024;

/** Makes a route from its schemas: they check what comes in, and are what the OpenAPI document says of it. */
export function defineRoute<const Path extends string, Query = unknown, Body = unknown>(
  spec: Spec<Path, Query, Body>,
): AdminRoute {
  const { method, path, visibility, summary, names, query, body, forms = ['json'], answers, handle } = spec;
  return {
    method,
    path,
    action: spec.action ?? (visibility === 'admin' ? 'admin' : 'none'),
    visibility,
    isProbe: spec.isProbe ?? false,
    get doc() {
      const described = Object.entries(answers).map(([status, { json, type, ...rest }]): [string, AnswerDoc] => {
        const content = json ? contentOf(MEDIA_TYPES.json, json, 'output') : type === undefined ? undefined : { type };
        return [status, { ...rest, content }];
      });
      return {
        summary,
        path: names,
        parameters: query && parametersOf(query),
        body: body && forms.map((form) => contentOf(MEDIA_TYPES[form], body, 'input')),
        answers: Object.fromEntries(described),
      };
    },
    handler: async (values, exchange) => {
      const asked = {
        path: values as Asked<Path, Query, Body>['path'], // the router matched the template
        query: query ? check(query, Object.fromEntries(exchange.query)) : (undefined as Query),
        body: body ? check(body, await readBody(exchange, forms)) : (undefined as Body),
      };
      await handle(asked, exchange);
    },
  };
}

/** The value as the schema makes it; REQUEST_INVALID with a detail for each thing that is wrong. */
function check<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // Names of members and what was expected there, never what came: that may be a password.
  throw new OciError(
    'REQUEST_INVALID',
    parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')),
  );
}

/** What the body says; undefined where there is none. */
async function readBody(exchange: Exchange, forms: readonly BodyForm[]): Promise<unknown> {
  const bytes = await gatherBody(exchange, LONGEST_BODY, 'REQUEST_TOO_LARGE');
  if (bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return formOf(exchange, forms) === 'form' ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
  } catch {
    throw new OciError('REQUEST_INVALID', 'the body cannot be read');
  }
}

/** What the Content-Type says counts only where there is a choice. */
function formOf(exchange: Exchange, forms: readonly BodyForm[]): BodyForm | undefined {
  const [type = ''] = (exchange.header('content-type') ?? '').split(';', 1);
  return forms.length === 1 ? forms[0] : forms.find((form) => MEDIA_TYPES[form] === type.trim().toLowerCase());
}
