import { ERRORS, type ErrorRow } from '../../pkg/oci/index.ts';
import type { AnswerDoc, ContentDoc, ParameterDoc, Route } from '../http/index.ts';

/** What the document needs of a route, whatever its surface. */
export type DocumentedRoute = Pick<Route<never>, 'method' | 'path' | 'visibility' | 'doc'>;

const REFUSAL = { $ref: '#/components/responses/Refusal' };

/** The failures of the product, in the form of the distribution specification. */
const ERRORS_SCHEMA = {
  type: 'object',
  required: ['errors'],
  properties: {
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string', enum: [...new Set(codesOf(ERRORS))].toSorted() },
          message: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
};

function codesOf(errors: Readonly<Record<string, ErrorRow>>): readonly string[] {
  return Object.entries(errors).map(([key, { code }]) => code ?? key);
}

/** The OpenAPI 3.1 document of the routes: each is an operation in it, and nothing else is. */
export function createDocument(version: string, routes: readonly DocumentedRoute[]): object {
  const byPath = Map.groupBy(
    [...routes].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ({ path }) => path,
  );
  const paths = [...byPath].map(([path, known]) => {
    const operations = known.map((route) => [route.method.toLowerCase(), operationOf(route)] as const);
    return [path, Object.fromEntries(operations)] as const;
  });
  return {
    openapi: '3.1.0',
    info: { title: 'Octoserve', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: Object.fromEntries(paths),
    components: {
      responses: {
        Refusal: {
          description: 'It is refused',
          content: contentOf({ type: 'application/json', schema: { $ref: '#/components/schemas/Errors' } }),
        },
      },
      schemas: { Errors: ERRORS_SCHEMA },
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function operationOf({ method, path, visibility, doc }: DocumentedRoute): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters = [
    ...names.map((name) => ({
      name,
      in: 'path',
      required: true,
      ...described(doc.path?.[name]),
      schema: { type: 'string' },
    })),
    ...(doc.parameters ?? []).map((parameter) => parameterOf(parameter)),
  ];
  return {
    operationId: operationIdOf(method, path),
    tags: [path.split('/')[1] || 'server'],
    summary: doc.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(doc.body && { requestBody: { content: contentOf(...doc.body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(doc.answers).map(([status, answer]) => [status, answerOf(answer)])),
      default: doc.refusal ? { description: 'It is refused', content: contentOf(doc.refusal) } : REFUSAL,
    },
    ...(visibility !== 'open' && { security: [{ basic: [] }, { bearer: [] }] }),
  };
}

/** `getV2NameTagsList`: every method and path has another. */
function operationIdOf(method: string, path: string): string {
  const words = path.match(/[a-zA-Z0-9]+/g) ?? ['root'];
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

const described = (description: string | undefined) => description !== undefined && { description };

function parameterOf({ schema = { type: 'string' }, ...rest }: ParameterDoc): object {
  return { ...rest, schema };
}

function contentOf(...contents: readonly ContentDoc[]): object {
  return Object.fromEntries(contents.map(({ type, schema }) => [type, schema ? { schema } : {}]));
}

function answerOf({ description, content, headers }: AnswerDoc): object {
  const named = Object.entries(headers ?? {}).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' } },
  ]);
  return {
    description,
    ...(named.length > 0 && { headers: Object.fromEntries(named) }),
    ...(content && { content: contentOf(content) }),
  };
}
