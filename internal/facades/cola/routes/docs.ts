import type { AnswerDoc, ContentDoc, JsonSchema } from '../../../http/index.ts';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const texts = { type: 'array', items: text } as const;
const textMap = { type: 'object', additionalProperties: text } as const;
const partition = { type: 'integer', minimum: 0, maximum: 255 } as const;

const object = (properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

const ENTRY = {
  name: text,
  version: text,
  checksum: { ...text, pattern: '^[a-f0-9]{64}$' },
  url: text,
  startPartition: partition,
  endPartition: partition,
};
export const INDEX_SCHEMA: JsonSchema = { type: 'array', items: object(ENTRY, Object.keys(ENTRY)) };

const MORE = {
  created_at: { type: ['string', 'null'], format: 'date-time' },
  size: { type: ['integer', 'null'] },
  digest: { type: ['string', 'null'] },
  source: { enum: ['oci', 'url'] },
  installable: { type: ['boolean', 'null'] },
  warnings: texts,
};
export const VERSION_SCHEMA = object({ ...ENTRY, ...MORE }, [...Object.keys(ENTRY), ...Object.keys(MORE)]);

const described = (people: 'admins' | 'maintainers') => ({
  description: text,
  [people]: texts,
  custom_values: textMap,
});

export const PACKAGE_SCHEMA = object(
  {
    name: text,
    ...described('maintainers'),
    versions: { type: 'object', additionalProperties: VERSION_SCHEMA },
    version_count: count,
  },
  ['name', 'description', 'versions', 'version_count'],
);
export const REGISTRY_SCHEMA = object(
  {
    name: text,
    ...described('admins'),
    packages: { type: 'object', additionalProperties: PACKAGE_SCHEMA },
    package_count: count,
  },
  ['name', 'description', 'packages', 'package_count'],
);

export const NEW_REGISTRY = object({ name: text, ...described('admins') }, ['name']);
export const NEW_PACKAGE = object({ name: text, ...described('maintainers') }, ['name']);
export const NEW_VERSION = object({ ...ENTRY, checksum: text }, ['version', 'checksum']);

export const json = (schema: JsonSchema): ContentDoc => ({ type: 'application/json', schema });
export const jsonBody = (schema: JsonSchema): readonly ContentDoc[] => [json(schema)];
export const answer = (description: string, schema?: JsonSchema): AnswerDoc => ({
  description,
  content: schema && json(schema),
});
export const listOf = (schema: JsonSchema): JsonSchema => ({ type: 'array', items: schema });
export const made = (description: string, schema: JsonSchema): AnswerDoc => ({
  ...answer(description, schema),
  headers: { Location: 'Where it is' },
});
export const GONE = answer('It is deleted');
export const ABSENT = answer('There is none');
export const TAKEN = answer('There is one already');
export const WRONG = answer('The request is not as it must be: `error.details` says which field');
