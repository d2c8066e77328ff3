import { describe, expect, it } from '@jest/globals';
import type { Option } from '../../config/index.ts';
import { S3_OPTIONS } from './options.ts';

const complaint = (key: string, value: string): string | undefined => {
  const option: Option | undefined = S3_OPTIONS.find((each) => each.key === key);
  return (option?.check as ((text: string) => string | undefined) | undefined)?.(value);
};

describe('the options of the bucket', () => {
  it.each([
    ['storage.s3.endpoint', 'https://s3.example.com'],
    ['storage.s3.endpoint', 'http://127.0.0.1:9000/s3'],
    ['storage.s3.public_endpoint', 'https://s3.example.com'],
    ['storage.s3.bucket', 'registry.example-1'],
    ['storage.s3.prefix', 'blue'],
    ['storage.s3.prefix', 'blue/green/'],
  ])('%s may be %s', (key, value) => {
    expect(complaint(key, value)).toBeUndefined();
  });

  it.each([
    ['storage.s3.endpoint', 's3.example.com', 'must be a URL such as https://s3.example.com'],
    ['storage.s3.endpoint', 'ftp://s3.example.com', 'must be a URL such as https://s3.example.com'],
    ['storage.s3.endpoint', 'https://key:secret@s3.example.com', 'must be scheme, host, port and path only'],
    ['storage.s3.public_endpoint', 'https://s3.example.com/?x=1', 'must be scheme, host, port and path only'],
    ['storage.s3.bucket', 's3://registry', 'must be the name of a bucket, not a URL'],
    ['storage.s3.bucket', 'a/b', 'must be the name of a bucket, not a URL'],
    ['storage.s3.prefix', '/blue', 'must be a path such as registry/blue'],
    ['storage.s3.prefix', 'blue//green', 'must be a path such as registry/blue'],
  ])('%s may not be %s', (key, value, expected) => {
    expect(complaint(key, value)).toBe(expected);
  });

  it('keeps secrets out of what is printed', () => {
    const secrets = S3_OPTIONS.filter((option) => 'secret' in option).map(({ key }) => key);
    expect(secrets).toEqual(['storage.s3.secret_access_key', 'storage.s3.session_token']);
  });
});
