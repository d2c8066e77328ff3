import type { ConfigOf, Option } from '../../config/index.ts';

export const S3_OPTIONS = [
  {
    key: 'storage.s3.endpoint',
    type: 'string',
    default: undefined,
    doc: 'The URL of a service that speaks S3; AWS where it is not set.',
    check: checkEndpoint,
  },
  {
    key: 'storage.s3.region',
    type: 'string',
    default: undefined,
    doc: 'The region of the bucket; us-east-1 where only an endpoint is set, else what the AWS SDK finds (AWS_REGION).',
  },
  {
    key: 'storage.s3.bucket',
    type: 'string',
    default: undefined,
    doc: 'The bucket, which must be there. Needed where storage.type is s3.',
    check: (bucket: string) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket) ? undefined : 'must be the name of a bucket, not a URL',
  },
  {
    key: 'storage.s3.prefix',
    type: 'string',
    default: undefined,
    doc: 'What the names of all objects start with, as a folder of the bucket; nothing where it is not set.',
    check: (prefix: string) =>
      /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*\/?$/.test(prefix) ? undefined : 'must be a path such as registry/blue',
  },
  {
    key: 'storage.s3.path_style',
    type: 'boolean',
    default: undefined,
    doc: 'Whether the bucket is in the path of a URL and not in its host name; true where an endpoint is set.',
  },
  {
    key: 'storage.s3.access_key_id',
    type: 'string',
    default: undefined,
    doc: 'The access key; where it is not set, the AWS SDK looks for credentials (environment, files, instance).',
    needs: 'storage.s3.secret_access_key',
  },
  {
    key: 'storage.s3.secret_access_key',
    type: 'string',
    default: undefined,
    doc: 'The secret of the access key.',
    secret: true,
    needs: 'storage.s3.access_key_id',
  },
  {
    key: 'storage.s3.session_token',
    type: 'string',
    default: undefined,
    doc: 'The session token of a temporary access key.',
    secret: true,
    needs: 'storage.s3.access_key_id',
  },
  {
    key: 'storage.s3.sse',
    type: ['AES256', 'aws:kms'],
    default: undefined,
    doc: 'How the service encrypts what it stores; as the bucket says where it is not set.',
  },
  {
    key: 'storage.s3.kms_key_id',
    type: 'string',
    default: undefined,
    doc: 'The KMS key for aws:kms; the default key of the account where it is not set.',
    needs: 'storage.s3.sse',
  },
  {
    key: 'storage.s3.checksums',
    type: ['auto', 'when_required', 'when_supported'],
    default: 'auto',
    doc: 'Whether the CRC checksums of the AWS SDK are sent always or where S3 demands them; auto: always on AWS only.',
  },
  {
    key: 'storage.s3.public_endpoint',
    type: 'string',
    default: undefined,
    doc: 'The URL by which clients reach the service, for redirects; storage.s3.endpoint where it is not set.',
    check: checkEndpoint,
  },
  {
    key: 'storage.s3.redirect',
    type: ['off', 'on', 'auto'],
    default: 'auto',
    doc: 'Whether a blob is answered by a redirect to a presigned URL; auto: where storage.s3.public_endpoint is set.',
  },
] as const satisfies readonly Option[];

export type S3Config = ConfigOf<typeof S3_OPTIONS>;

export function checkEndpoint(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be a URL such as https://s3.example.com';
  return url.username || url.password || url.search || url.hash
    ? 'must be scheme, host, port and path only'
    : undefined;
}
