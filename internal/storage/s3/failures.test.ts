import { describe, expect, it } from '@jest/globals';
import { StorageError } from '../types.ts';
import { mayPass, meaningOf, storageError } from './failures.ts';

const PLACE = { bucket: 'octo', service: 'http://s3.example', pathStyle: true };
const answer = (status: number, Code?: string, more: object = {}): object => ({
  name: Code ?? 'Unknown',
  ...(Code && { Code }),
  $metadata: { httpStatusCode: status },
  ...more,
});
const system = (code: string): Error => Object.assign(new Error(code), { code });

describe('what a failed call means', () => {
  it.each([
    [answer(404, 'NoSuchKey'), 'absent'],
    [answer(404), 'absent'],
    [answer(404, 'NoSuchBucket'), 'setup'],
    [answer(503, 'SlowDown'), 'throttled'],
    [answer(429), 'throttled'],
    [answer(503, undefined, { $response: { reason: 'Slow Down' } }), 'throttled'],
    [answer(503, undefined, { $response: { reason: 'Service Unavailable' } }), 'passing'],
    [answer(500), 'passing'],
    [answer(503), 'passing'],
    [answer(409, 'OperationAborted'), 'passing'],
    [{ $metadata: { httpStatusCode: 200 } }, 'passing'],
    [answer(507, 'XMinioStorageFull'), 'full'],
    [answer(403), 'setup'],
    [answer(403, 'InvalidAccessKeyId'), 'setup'],
    [answer(412), 'changed'],
    [answer(501, 'NotImplemented'), 'unable'],
    [answer(400, 'InvalidPart'), 'refused'],
    [answer(404, 'NoSuchUpload'), 'ended'],
    [answer(400, 'BadDigest'), 'passing'],
    [answer(400, 'IncompleteBody'), 'passing'],
    [answer(307, 'TemporaryRedirect'), 'setup'],
    [{ name: 'Error', $metadata: { httpStatusCode: 404 } }, 'setup'],
    [{ name: 'Error', $metadata: { httpStatusCode: 429 } }, 'throttled'],
    [{ name: 'Error', $metadata: { httpStatusCode: 502 } }, 'passing'],
    [{ name: 'Error', $metadata: { httpStatusCode: 200 } }, 'passing'],
    [system('ECONNRESET'), 'passing'],
    [system('ECONNREFUSED'), 'passing'],
    [Object.assign(new Error('deadline'), { name: 'AbortError' }), 'passing'],
    [new TypeError('a bug'), 'unknown'],
    ['text', 'unknown'],
    [undefined, 'unknown'],
  ])('%j is %s', (failure, meaning) => {
    expect(meaningOf(failure)).toBe(meaning);
  });

  it('passes once the SDK has corrected the clock', () => {
    const skewed = { httpStatusCode: 403, clockSkewCorrected: true };
    expect(mayPass(answer(403, 'RequestTimeTooSkewed'))).toBe(false);
    expect(mayPass({ ...answer(403, 'RequestTimeTooSkewed'), $metadata: skewed })).toBe(true);
  });

  it.each([
    [answer(404, 'NoSuchBucket'), 'there is no bucket octo at http://s3.example: create it, or set storage.s3.bucket'],
    [
      answer(403, 'InvalidAccessKeyId'),
      'http://s3.example does not know the access key: set storage.s3.access_key_id and storage.s3.secret_access_key',
    ],
    [answer(403, 'SignatureDoesNotMatch'), 'the secret does not fit the access key: set storage.s3.secret_access_key'],
    [
      answer(403, 'RequestTimeTooSkewed'),
      'the clocks of this machine and of http://s3.example differ too much: set the clock (NTP)',
    ],
    [
      answer(400, 'AuthorizationHeaderMalformed', { Region: 'eu-west-1' }),
      'bucket octo is in region eu-west-1: set storage.s3.region to eu-west-1',
    ],
    [
      answer(301, undefined, { $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } } }),
      'bucket octo is in region eu-west-1: set storage.s3.region to eu-west-1',
    ],
    [answer(301, 'PermanentRedirect'), 'bucket octo is in another region: set storage.s3.region'],
    [system('ECONNREFUSED'), 'nothing listens at http://s3.example: start it, or set storage.s3.endpoint'],
    [
      system('ENOTFOUND'),
      'the host of http://s3.example has no address: check storage.s3.endpoint and the name server',
    ],
    [
      system('SELF_SIGNED_CERT_IN_CHAIN'),
      "the certificate of http://s3.example is not trusted: name its authority's PEM file in NODE_EXTRA_CA_CERTS",
    ],
    [
      Object.assign(new Error('none'), { name: 'CredentialsProviderError' }),
      'no credentials were found: set storage.s3.access_key_id and storage.s3.secret_access_key',
    ],
    [answer(500), 'http://s3.example answers 500'],
  ])('%j is told in one line', (failure, line) => {
    const told = storageError('use the bucket', failure, PLACE);
    expect(told).toBeInstanceOf(StorageError);
    expect(told).toMatchObject({ failure: 'busy', message: `cannot use the bucket: ${line}`, cause: failure });
  });

  it('says what to set where a bucket has no host of its own', () => {
    const told = storageError('use the bucket', system('ENOTFOUND'), { ...PLACE, pathStyle: false });
    expect(told).toMatchObject({ message: expect.stringContaining('set storage.s3.path_style to true') });
  });

  it.each([
    [answer(507, 'XMinioStorageFull'), 'full'],
    [answer(503, 'SlowDown'), 'throttled'],
    [answer(400, 'InvalidPart'), 'broken'],
    [answer(412), 'broken'],
  ])('%j is told as %s', (failure, expected) => {
    expect(storageError('store it', failure, PLACE)).toMatchObject({ failure: expected });
  });

  it('leaves bugs, and what was told already, as they are', () => {
    const bug = new TypeError('a bug');
    const told = new StorageError('busy', 'told');
    expect(storageError('store it', bug, PLACE)).toBe(bug);
    expect(storageError('store it', told, PLACE)).toBe(told);
  });
});
