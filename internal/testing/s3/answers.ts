import { S3Failure } from './failure.ts';
import type { Asked, Operation } from './operations.ts';
import type { S3Store, StoredObject } from './store.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer;
}

type Header = string | readonly string[] | undefined;

export interface Request extends Asked {
  readonly headers: Readonly<Record<string, Header>>;
  readonly body: Buffer;
}

/** What S3 answers, for each of its calls. */
export const ANSWERS: Readonly<Record<Operation, (store: S3Store, request: Request) => Answer>> = {
  HeadBucket: () => ({ status: 200 }),

  ListObjectsV2(store, { query }) {
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const found = store.list(query.get('prefix') ?? '', after);
    const page = found.slice(0, Number(query.get('max-keys') ?? store.pageSize));
    const contents = page.map(([name, { bytes, etag, modifiedMs }]) =>
      xml('Contents', { Key: name, Size: bytes.length, ETag: etag, LastModified: isoTime(modifiedMs) }),
    );
    const more = page.length < found.length;
    const token = more ? xml('NextContinuationToken', page.at(-1)?.[0] ?? '') : '';
    return document('ListBucketResult', [xml('IsTruncated', String(more)), token, ...contents]);
  },

  ListMultipartUploads(store, { query }) {
    const prefix = query.get('prefix') ?? '';
    const [key, last] = [query.get('key-marker') ?? '', query.get('upload-id-marker')];
    const found = [...store.uploads.values()]
      .filter((upload) => upload.name.startsWith(prefix))
      .filter((upload) => upload.name > key || (last !== null && upload.name === key && upload.id > last))
      .toSorted((one, other) => ((one.name === other.name ? one.id > other.id : one.name > other.name) ? 1 : -1));
    const page = found.slice(0, Number(query.get('max-uploads') ?? store.pageSize));
    const uploads = page.map(({ id, name, begunMs }) =>
      xml('Upload', { Key: name, UploadId: id, Initiated: isoTime(begunMs) }),
    );
    const more = page.length < found.length;
    const end = page.at(-1);
    const markers = end && more ? xml('NextKeyMarker', end.name) + xml('NextUploadIdMarker', end.id) : '';
    return document('ListMultipartUploadsResult', [xml('IsTruncated', String(more)), markers, ...uploads]);
  },

  HeadObject: (store, { name }) => ({ status: 200, headers: headersOf(store.get(name)) }),

  GetObject(store, { name, headers }) {
    const object = store.get(name);
    const { bytes, etag } = object;
    if (headers['if-match'] && headers['if-match'] !== etag) throw new S3Failure('PreconditionFailed');
    const range = parseRange(headers['range']);
    if (!range) return { status: 200, headers: headersOf(object), body: bytes };
    if (range.start >= bytes.length) throw new S3Failure('InvalidRange');
    const part = bytes.subarray(range.start, range.end + 1);
    const contentRange = `bytes ${range.start}-${range.start + part.length - 1}/${bytes.length}`;
    const partly = { ...headersOf(object), 'content-length': part.length, 'content-range': contentRange };
    return { status: 206, headers: partly, body: part };
  },

  PutObject(store, { name, headers, body }) {
    if (headers['if-none-match'] === '*' && store.objects.has(name)) throw new S3Failure('PreconditionFailed');
    if (headers['if-match'] && store.get(name).etag !== headers['if-match']) throw new S3Failure('PreconditionFailed');
    return { status: 200, headers: { etag: store.put(name, body).etag } };
  },

  CopyObject(store, request) {
    const { etag } = store.put(request.name, store.get(sourceOf(request)).bytes);
    return document('CopyObjectResult', [xml('ETag', etag)]);
  },

  DeleteObject(store, { name }) {
    store.remove(name);
    return { status: 204 };
  },

  DeleteObjects(store, { body }) {
    const names = [...body.toString().matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, name = '']) => name);
    const left = names.filter((name) => store.locked.has(name));
    for (const name of names) if (!store.locked.has(name)) store.remove(name);
    const errors = left.map((name) => xml('Error', { Key: name, Code: 'AccessDenied', Message: 'it is locked' }));
    return document('DeleteResult', errors);
  },

  CreateMultipartUpload: (store, { name }) =>
    document('InitiateMultipartUploadResult', [xml('UploadId', store.begin(name).id)]),

  UploadPart(store, { name, query, body }) {
    const { etag } = store.putPart(name, query.get('uploadId') ?? '', Number(query.get('partNumber')), body);
    return { status: 200, headers: { etag } };
  },

  UploadPartCopy(store, request) {
    const { name, query, headers } = request;
    const range = parseRange(headers['x-amz-copy-source-range']);
    const [id, number] = [query.get('uploadId') ?? '', Number(query.get('partNumber'))];
    const { etag } = store.copyPart(name, id, number, sourceOf(request), range);
    return document('CopyPartResult', [xml('ETag', etag)]);
  },

  CompleteMultipartUpload(store, { name, query, body }) {
    const parts = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: /<ETag>(.*?)</.exec(part)?.[1]?.replaceAll('&quot;', '"') ?? '',
    }));
    const { etag } = store.complete(name, query.get('uploadId') ?? '', parts);
    return document('CompleteMultipartUploadResult', [xml('ETag', etag)]);
  },

  AbortMultipartUpload(store, { name, query }) {
    store.abort(name, query.get('uploadId') ?? '');
    return { status: 204 };
  },

  ListParts(store, { name, query }) {
    const { parts } = store.upload(name, query.get('uploadId') ?? '');
    const after = Number(query.get('part-number-marker') ?? 0);
    const found = [...parts].filter(([number]) => number > after).toSorted(([one], [other]) => one - other);
    const page = found.slice(0, Number(query.get('max-parts') ?? store.pageSize));
    const more = page.length < found.length;
    const listed = page.map(([number, { bytes, etag, modifiedMs }]) =>
      xml('Part', { PartNumber: number, Size: bytes.length, ETag: etag, LastModified: isoTime(modifiedMs) }),
    );
    const marker = more ? xml('NextPartNumberMarker', page.at(-1)?.[0] ?? 0) : '';
    return document('ListPartsResult', [xml('IsTruncated', String(more)), marker, ...listed]);
  },
};

export function failureAnswer({ code, status, message }: S3Failure): Answer {
  return { ...document('Error', [xml('Code', code), xml('Message', message)]), status };
}

function document(root: string, members: readonly string[]): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${members.join('')}</${root}>`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function xml(tag: string, content: string | number | Readonly<Record<string, string | number>>): string {
  if (typeof content !== 'object') {
    return `<${tag}>${String(content).replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`)}</${tag}>`;
  }
  return `<${tag}>${Object.entries(content)
    .map(([name, value]) => xml(name, value))
    .join('')}</${tag}>`;
}

function headersOf({ bytes, etag, modifiedMs }: StoredObject): Record<string, string | number> {
  return {
    'content-type': 'application/octet-stream',
    'content-length': bytes.length,
    'last-modified': new Date(modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    etag,
  };
}

function parseRange(header: Header): { readonly start: number; readonly end: number } | undefined {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(typeof header === 'string' ? header : '') ?? [];
  return start === undefined ? undefined : { start: Number(start), end: Number(end) };
}

/** The object that a copy names, of the same bucket. */
function sourceOf({ bucket, headers }: Request): string {
  const source = decodeURIComponent(String(headers['x-amz-copy-source'])).replace(/^\//, '');
  if (!source.startsWith(`${bucket}/`)) throw new S3Failure('NoSuchBucket');
  return source.slice(bucket.length + 1);
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
