import type { ContentDoc, JsonSchema, RouteDoc } from '../../http/index.ts';

const object = (properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema => ({
  type: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const json = (schema: JsonSchema): ContentDoc => ({ type: 'application/json', schema });
const STRING: JsonSchema = { type: 'string' };
const INTEGER: JsonSchema = { type: 'integer' };
const TIME: JsonSchema = { type: 'string', format: 'date-time' };
const HASH: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const BYTES: ContentDoc = { type: 'application/octet-stream' };

const refusal = json(object({ error: STRING, code: INTEGER, message: STRING }, ['message']));
const names = {
  package: 'The name of the package, each / in it written %2F',
  version: 'The version, as it was uploaded',
};

const UPLOAD: RouteDoc = {
  summary: 'Upload a version',
  path: names,
  parameters: [
    { name: 'X-Artifact-Hash', in: 'header', description: 'The SHA-256 of the bytes in hex; others are refused' },
    { name: 'Repr-Digest', in: 'header', description: 'The same, as sha-256=:<base64>:' },
  ],
  body: [BYTES],
  answers: {
    201: {
      description: 'It is kept',
      content: json(object({ package: STRING, version: STRING, hash: HASH, size: INTEGER, uploaded_at: TIME })),
    },
    409: { description: 'There is this version', content: refusal },
  },
  refusal,
};

export const DOCS = {
  upload: UPLOAD,
  download: {
    summary: 'Download a version',
    path: names,
    parameters: [{ name: 'Range', in: 'header', description: 'One range of bytes' }],
    answers: {
      200: {
        description: 'The bytes',
        content: BYTES,
        headers: { 'X-Artifact-Hash': 'The SHA-256 of the bytes in hex' },
      },
      206: { description: 'The range of them', content: BYTES },
      304: { description: 'The client has it (If-None-Match)' },
    },
    refusal,
  },
  remove: {
    summary: 'Delete a version',
    path: names,
    answers: { 200: { description: 'It is deleted', content: json(object({ status: { const: 'deleted' } })) } },
    refusal,
  },
  packages: {
    summary: 'List the packages',
    parameters: [
      { name: 'search', in: 'query', description: 'A part of their names' },
      { name: 'limit', in: 'query', description: 'At most so many; all where it is not given', schema: INTEGER },
      { name: 'after', in: 'query', description: 'Only names after this one' },
    ],
    answers: {
      200: {
        description: 'By name',
        content: json({ type: 'array', items: object({ id: INTEGER, name: STRING }) }),
        headers: { Link: 'With `limit`: the next page' },
      },
    },
    refusal,
  },
  package: {
    summary: 'Tell the versions of a package',
    path: { package: names.package },
    answers: {
      200: {
        description: 'The newest first',
        content: json(
          object({
            name: STRING,
            versions: {
              type: 'array',
              items: object({
                id: INTEGER,
                package_id: INTEGER,
                package: STRING,
                version: STRING,
                hash: HASH,
                size: INTEGER,
                uploaded_at: TIME,
              }),
            },
          }),
        ),
      },
    },
    refusal,
  },
  collect: {
    summary: 'Delete content that nothing references',
    answers: {
      200: {
        description: 'What was deleted',
        content: json(object({ deleted_blobs: INTEGER, freed_bytes: INTEGER })),
      },
      409: { description: 'It runs already', content: refusal },
    },
    refusal,
  },
  about: {
    summary: 'Tell what this is',
    answers: { 200: { description: 'Name and version', content: json(object({ service: STRING, version: STRING })) } },
    refusal,
  },
  health: {
    summary: 'Tell whether storage and catalog answer',
    answers: { 200: { description: 'They do', content: json(object({ status: { const: 'ok' } })) } },
    refusal,
  },
  metrics: {
    summary: 'Tell the metrics',
    answers: { 200: { description: 'In Prometheus text', content: { type: 'text/plain' } } },
    refusal,
  },
} as const satisfies Readonly<Record<string, RouteDoc>>;
