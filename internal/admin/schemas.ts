import * as z from 'zod';
import type { ContentDoc, JsonSchema, ParameterDoc } from '../http/index.ts';

/** A body of that media type and shape: as a client sends it, or as we do. */
export function contentOf(type: string, schema: z.ZodType, io: 'input' | 'output'): ContentDoc {
  return { type, schema: jsonSchemaOf(schema, io) };
}

/** The query's members as parameters. */
export function parametersOf(query: z.ZodType): readonly ParameterDoc[] {
  const { properties = {}, required = [] } = jsonSchemaOf(query, 'input') as {
    readonly properties?: Readonly<Record<string, JsonSchema & { readonly description?: string }>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description = '', ...schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
    ...(required.includes(name) && { required: true }),
  }));
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // OpenAPI 3.1 has its own word for the dialect, once for the whole document.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
