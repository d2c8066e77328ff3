/** The calls of S3 that there are here, and what tells them apart. */
export type Operation =
  | 'HeadBucket'
  | 'ListObjectsV2'
  | 'ListMultipartUploads'
  | 'HeadObject'
  | 'GetObject'
  | 'PutObject'
  | 'CopyObject'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts';

export interface Asked {
  readonly method: string;
  readonly bucket: string;
  /** Of the object; empty for the bucket itself. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly copies: boolean;
}

export function parseAsked(method: string, url: string, headers: Readonly<Record<string, unknown>>): Asked {
  const { pathname, searchParams } = new URL(url, 'http://unused');
  const [bucket = '', ...rest] = pathname.slice(1).split('/').map(decodeURIComponent);
  return { method, bucket, name: rest.join('/'), query: searchParams, copies: 'x-amz-copy-source' in headers };
}

export function operationOf({ method, name, query, copies }: Asked): Operation | undefined {
  if (name === '') {
    if (method === 'HEAD') return 'HeadBucket';
    if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
    if (method !== 'GET') return undefined;
    return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2';
  }
  const ofUpload = query.has('uploadId');
  switch (method) {
    case 'HEAD':
      return 'HeadObject';
    case 'GET':
      return ofUpload ? 'ListParts' : 'GetObject';
    case 'PUT':
      if (ofUpload) return copies ? 'UploadPartCopy' : 'UploadPart';
      return copies ? 'CopyObject' : 'PutObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return ofUpload ? 'CompleteMultipartUpload' : undefined;
    case 'DELETE':
      return ofUpload ? 'AbortMultipartUpload' : 'DeleteObject';
    default:
      return undefined;
  }
}
