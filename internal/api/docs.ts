import type { AnswerDoc, ContentDoc, ParameterDoc, RouteDoc } from '../http/index.ts';

const JSON_TYPE = 'application/json';
const ANYTHING: ContentDoc = { type: '*/*' };
const BYTES: ContentDoc = { type: 'application/octet-stream' };

const NAME = 'The repository; it may hold slashes';
const REFERENCE = 'A tag or a digest';
const DIGEST = 'For example sha256: and 64 hexadecimal digits';
const UUID = 'The session, as the Location of its start has it';

const query = (name: string, description: string, required = false): ParameterDoc => ({
  name,
  in: 'query',
  description,
  ...(required && { required }),
});
const header = (name: string, description: string): ParameterDoc => ({ name, in: 'header', description });

const PAGE: readonly ParameterDoc[] = [
  { ...query('n', 'The most rows of an answer'), schema: { type: 'integer', minimum: 0 } },
  query('last', 'The row that the last page ended with'),
];
const CONDITIONS: readonly ParameterDoc[] = [header('If-None-Match', 'Quoted digests that the client has')];
const RANGES: readonly ParameterDoc[] = [
  ...CONDITIONS,
  header('Range', 'One range of bytes'),
  header('If-Range', 'The quoted digest of what the client has the rest of'),
];
const CHUNK: readonly ParameterDoc[] = [
  header('Content-Range', 'First and last byte; where it is absent the bytes go to the end'),
];
const DIGEST_GIVEN = query('digest', 'The digest of the whole content', true);

const LIST_LINK = { Link: 'The next page, where there is one' };
const CONTENT_DIGEST = { 'Docker-Content-Digest': 'The digest of the content' };
const WHERE = { Location: 'Where it is' };
const SESSION = { ...WHERE, Range: 'The bytes that are here', 'Docker-Upload-UUID': 'The session' };

const answer = (description: string, headers?: AnswerDoc['headers'], content?: ContentDoc): AnswerDoc => ({
  description,
  headers,
  content,
});
const texts = { type: 'array', items: { type: 'string' } };
const list = (name: string, more: Readonly<Record<string, object>> = {}): AnswerDoc =>
  answer('A page of the list', LIST_LINK, {
    type: JSON_TYPE,
    schema: { type: 'object', required: [...Object.keys(more), name], properties: { ...more, [name]: texts } },
  });
const NOT_MODIFIED = answer('The client has it already');
const OUT_OF_ORDER = answer('The bytes do not go on where those before ended', SESSION);

/** What the OpenAPI document says of each route of `/v2`. */
export const DOCS = {
  'GET /v2/': {
    summary: 'Whether this is a registry, and whether the credentials are right',
    answers: { 200: answer('It is', undefined, { type: JSON_TYPE, schema: { type: 'object' } }) },
  },
  'GET /v2/_catalog': {
    summary: 'List the repositories that the caller may read',
    parameters: PAGE,
    answers: { 200: list('repositories') },
  },
  'GET /v2/{name}/manifests/{reference}': {
    summary: 'Pull a manifest',
    path: { name: NAME, reference: REFERENCE },
    parameters: CONDITIONS,
    answers: { 200: answer('The manifest as it was pushed', CONTENT_DIGEST, ANYTHING), 304: NOT_MODIFIED },
  },
  'HEAD /v2/{name}/manifests/{reference}': {
    summary: 'Look whether a manifest is there',
    path: { name: NAME, reference: REFERENCE },
    parameters: CONDITIONS,
    answers: { 200: answer('It is there', CONTENT_DIGEST), 304: NOT_MODIFIED },
  },
  'PUT /v2/{name}/manifests/{reference}': {
    summary: 'Push a manifest',
    path: { name: NAME, reference: REFERENCE },
    parameters: [query('tag', 'A tag to give it beside; may come several times')],
    body: [ANYTHING],
    answers: {
      201: answer('It is stored', {
        ...WHERE,
        ...CONTENT_DIGEST,
        'OCI-Subject': 'The manifest that it refers to',
        'OCI-Tag': 'The tags that were set',
      }),
    },
  },
  'DELETE /v2/{name}/manifests/{reference}': {
    summary: 'Delete a tag, or a manifest with its tags',
    path: { name: NAME, reference: REFERENCE },
    answers: { 202: answer('It is gone') },
  },
  'GET /v2/{name}/blobs/{digest}': {
    summary: 'Pull a blob',
    path: { name: NAME, digest: DIGEST },
    parameters: RANGES,
    answers: {
      200: answer('The blob', CONTENT_DIGEST, BYTES),
      206: answer('The range that was asked for', { ...CONTENT_DIGEST, 'Content-Range': 'Which it is' }, BYTES),
      304: NOT_MODIFIED,
      307: answer('It is to be had elsewhere', WHERE),
      416: answer('The range lies outside the blob', { 'Content-Range': 'The size of the blob' }),
    },
  },
  'HEAD /v2/{name}/blobs/{digest}': {
    summary: 'Look whether a blob is there',
    path: { name: NAME, digest: DIGEST },
    parameters: CONDITIONS,
    answers: { 200: answer('It is there', CONTENT_DIGEST), 304: NOT_MODIFIED },
  },
  'DELETE /v2/{name}/blobs/{digest}': {
    summary: 'Delete a blob that no manifest of the repository needs',
    path: { name: NAME, digest: DIGEST },
    answers: { 202: answer('It is gone') },
  },
  'POST /v2/{name}/blobs/uploads/': {
    summary: 'Start an upload, mount a blob, or upload it in one request',
    path: { name: NAME },
    parameters: [
      query('mount', 'The digest of a blob to mount'),
      query('from', 'The repository to mount it from'),
      query('digest', 'The digest of the blob that is the body'),
      query('digest-algorithm', 'sha256 or sha512'),
    ],
    body: [BYTES],
    answers: {
      201: answer('The blob is here', { ...WHERE, ...CONTENT_DIGEST }),
      202: answer('The upload may begin', { ...SESSION, 'OCI-Chunk-Min-Length': 'The least bytes of a chunk' }),
    },
  },
  'GET /v2/{name}/blobs/uploads/{uuid}': {
    summary: 'Ask how far an upload has come',
    path: { name: NAME, uuid: UUID },
    answers: { 204: answer('So far', SESSION) },
  },
  'PATCH /v2/{name}/blobs/uploads/{uuid}': {
    summary: 'Upload a chunk',
    path: { name: NAME, uuid: UUID },
    parameters: CHUNK,
    body: [BYTES],
    answers: { 202: answer('The chunk is here', SESSION), 416: OUT_OF_ORDER },
  },
  'PUT /v2/{name}/blobs/uploads/{uuid}': {
    summary: 'End an upload, with its last bytes where there are any left',
    path: { name: NAME, uuid: UUID },
    parameters: [DIGEST_GIVEN, ...CHUNK],
    body: [BYTES],
    answers: { 201: answer('The blob is here', { ...WHERE, ...CONTENT_DIGEST }), 416: OUT_OF_ORDER },
  },
  'DELETE /v2/{name}/blobs/uploads/{uuid}': {
    summary: 'Cancel an upload',
    path: { name: NAME, uuid: UUID },
    answers: { 204: answer('It is gone') },
  },
  'GET /v2/{name}/tags/list': {
    summary: 'List the tags of a repository',
    path: { name: NAME },
    parameters: PAGE,
    answers: { 200: list('tags', { name: { type: 'string' } }) },
  },
  'GET /v2/{name}/referrers/{digest}': {
    summary: 'List the manifests that refer to one',
    path: { name: NAME, digest: 'The digest of the manifest that they refer to' },
    parameters: [...PAGE, query('artifactType', 'Only those of this type')],
    answers: {
      200: answer(
        'An image index of descriptors',
        { ...LIST_LINK, 'OCI-Filters-Applied': 'The filter that was asked for' },
        { type: 'application/vnd.oci.image.index.v1+json', schema: { type: 'object' } },
      ),
    },
  },
} as const satisfies Readonly<Record<string, RouteDoc>>;

export type RouteKey = keyof typeof DOCS;
