import type { Key } from '../driver.ts';
import { StorageError, type StorageFailure } from '../types.ts';

/** Where objects are, for sentences about it. */
export interface Place {
  readonly bucket: string;
  /** The URL of the service, or `AWS`. */
  readonly service: string;
  readonly pathStyle: boolean;
}

/**
 * What a failed call means. `absent`: no such object. `ended`: a multipart upload that was given up, or completed before.
 * `passing`: the same call may succeed in a moment.
 * `throttled`: likewise, when there are fewer. `setup`: when somebody has changed a setting, here or there.
 * `changed`: the object is not the one that was meant. `unable`: the service has no such call. `refused`: one that we
 * should not have made. `unknown`: not a failure of S3.
 */
export type Meaning =
  'absent' | 'ended' | 'passing' | 'throttled' | 'full' | 'setup' | 'changed' | 'unable' | 'refused' | 'unknown';

/** What the SDK, S3 and the system say of a failed call, wherever each of them says it. */
interface Facts {
  /** S3's name of the failure (`SlowDown`), else the system's (`ECONNRESET`), else the SDK's. */
  readonly code: string;
  readonly status: number | undefined;
  /** What the status line says beside the status. */
  readonly reason: string;
  /** The region that S3 says is the right one. */
  readonly region: string | undefined;
  /** True where the SDK learnt from the answer how far this machine's clock is off, and corrects the next call. */
  readonly clockCorrected: boolean;
}

/** A success that does not say what it must: as good as no answer. */
class IncompleteAnswer extends Error {
  constructor() {
    super('the answer lacks what it must say');
    this.name = 'IncompleteAnswer';
  }
}

export function cutShort(): never {
  throw new IncompleteAnswer();
}

/** An object that must be there is not. */
export function goneError(key: Key): StorageError {
  return new StorageError('broken', `${key} is gone`, undefined, true);
}

type Advice = (place: Place, facts: Facts) => string;
type Verdict = Readonly<{ meaning: Meaning; advice?: Advice }>;

const PERMISSIONS =
  's3:GetObject, PutObject, DeleteObject, ListBucket, AbortMultipartUpload, ListBucketMultipartUploads and ListMultipartUploadParts';

const wrongKey: Advice = ({ service }) =>
  `${service} does not know the access key: set storage.s3.access_key_id and storage.s3.secret_access_key`;
const expiredKey: Advice = () => 'the temporary access key has expired: set a new one with storage.s3.session_token';
const wrongRegion: Advice = ({ bucket }, { region }) =>
  region
    ? `bucket ${bucket} is in region ${region}: set storage.s3.region to ${region}`
    : `bucket ${bucket} is in another region: set storage.s3.region`;
const noHost: Advice = ({ bucket, service, pathStyle }) =>
  pathStyle
    ? `the host of ${service} has no address: check storage.s3.endpoint and the name server`
    : `bucket ${bucket} has no address at ${service}: check storage.s3.endpoint, or set storage.s3.path_style to true`;
const untrusted: Advice = ({ service }) =>
  `the certificate of ${service} is not trusted: name its authority's PEM file in NODE_EXTRA_CA_CERTS`;
const forbidden: Advice = ({ bucket }) => `the access key may not do that in bucket ${bucket}: it needs ${PERMISSIONS}`;
const wrongKmsKey: Advice = () => 'the KMS key cannot be used: check storage.s3.kms_key_id and the rights to that key';
const slowDown: Advice = ({ service }) => `${service} asks to slow down`;
const unreachable: Advice = ({ service }) => `${service} cannot be reached: check the network and storage.s3.endpoint`;

const named = (meaning: Meaning, codes: readonly string[], advice?: Advice): [string, Verdict][] =>
  codes.map((code) => [code, advice ? { meaning, advice } : { meaning }]);

const BY_CODE: ReadonlyMap<string, Verdict> = new Map([
  ...named('absent', ['NoSuchKey', 'NotFound']),
  ...named('ended', ['NoSuchUpload'], () => 'somebody else gave up what was begun there'),
  ...named('changed', ['PreconditionFailed']),
  ...named('unable', ['NotImplemented']),
  ...named('full', ['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded'], () => 'there is no room'),
  ...named('throttled', ['SlowDown', 'SlowDownRead', 'SlowDownWrite'], slowDown),
  ...named('throttled', ['Throttling', 'ThrottlingException', 'TooManyRequests', 'RequestLimitExceeded'], slowDown),
  ...named('passing', [
    'IncompleteAnswer',
    'InternalError',
    'ServiceUnavailable',
    'RequestTimeout',
    'OperationAborted',
    'IncompleteBody',
    'BadDigest',
    'XAmzContentSHA256Mismatch',
  ]),
  ...named(
    'passing',
    ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'],
    ({ service }) => `${service} cuts the connection: see its log, and whether storage.s3.endpoint is right`,
  ),
  ...named(
    'passing',
    ['TimeoutError', 'AbortError', 'ETIMEDOUT'],
    ({ service }) => `${service} did not answer in time`,
  ),
  ...named(
    'passing',
    ['ECONNREFUSED'],
    ({ service }) => `nothing listens at ${service}: start it, or set storage.s3.endpoint`,
  ),
  ...named('passing', ['ENOTFOUND', 'EAI_AGAIN'], noHost),
  ...named('passing', ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'], unreachable),
  ...named(
    'setup',
    ['NoSuchBucket'],
    ({ bucket, service }) => `there is no bucket ${bucket} at ${service}: create it, or set storage.s3.bucket`,
  ),
  ...named('setup', ['InvalidAccessKeyId', 'XAdminUserNotFound', 'InvalidClientTokenId'], wrongKey),
  ...named(
    'setup',
    ['SignatureDoesNotMatch'],
    () => 'the secret does not fit the access key: set storage.s3.secret_access_key',
  ),
  ...named('setup', ['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired'], expiredKey),
  ...named('setup', ['AccessDenied', 'AccountProblem', 'AllAccessDisabled'], forbidden),
  ...named(
    'setup',
    ['CredentialsProviderError'],
    () => 'no credentials were found: set storage.s3.access_key_id and storage.s3.secret_access_key',
  ),
  ...named(
    'setup',
    ['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'],
    wrongRegion,
  ),
  ...named(
    'setup',
    ['RequestTimeTooSkewed'],
    ({ service }) => `the clocks of this machine and of ${service} differ too much: set the clock (NTP)`,
  ),
  ...named(
    'setup',
    ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ({ service }) => `${service} does not speak TLS: set storage.s3.endpoint to a URL with http://`,
  ),
  ...named(
    'setup',
    ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    ({ service }) => `the certificate of ${service} has expired`,
  ),
  ...named('setup', ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'], untrusted),
  ...named('setup', ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'], untrusted),
  ...named(
    'setup',
    ['ERR_TLS_CERT_ALTNAME_INVALID'],
    ({ service }) => `the certificate of ${service} is for another host: check storage.s3.endpoint`,
  ),
  ...named('setup', ['KMS.NotFoundException', 'KMS.DisabledException', 'KMS.KMSInvalidStateException'], wrongKmsKey),
]);

/** An answer whose body the SDK could not read as S3's comes out under this name. */
const NO_S3 = 'Error';
const noS3: Advice = ({ service }) => `${service} does not answer as S3 does: check storage.s3.endpoint`;

const THROTTLED: Verdict = { meaning: 'throttled', advice: slowDown };

/** The answer to a HEAD has no body that would name the failure. */
const UNNAMED: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  [301, { meaning: 'setup', advice: wrongRegion }],
  [400, { meaning: 'setup', advice: () => 'S3 refuses the request: check storage.s3.region and the access key' }],
  [403, { meaning: 'setup', advice: forbidden }],
]);

const BY_STATUS: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  [404, { meaning: 'absent' }],
  [408, { meaning: 'passing' }],
  [409, { meaning: 'passing' }],
  [412, { meaning: 'changed' }],
  [429, THROTTLED],
  [501, { meaning: 'unable' }],
]);

const AS_STORAGE_FAILURE: Readonly<Record<Exclude<Meaning, 'unknown'>, StorageFailure>> = {
  absent: 'broken',
  changed: 'broken',
  unable: 'broken',
  refused: 'broken',
  full: 'full',
  // Whoever pushes or pulls shall come again: neither is a fault of the request or of what is stored.
  passing: 'busy',
  ended: 'busy',
  setup: 'busy',
  throttled: 'throttled',
};

export function meaningOf(failure: unknown): Meaning {
  return judge(factsOf(failure)).meaning;
}

/** Whether the same call may succeed if it is made again, after a while. */
export function mayPass(failure: unknown): boolean {
  const facts = factsOf(failure);
  const { meaning } = judge(facts);
  return meaning === 'passing' || meaning === 'throttled' || (meaning === 'setup' && facts.clockCorrected);
}

/** A failed call as a StorageError with one line on what is wrong, and what to set; other failures as they are. */
export function storageError(what: string, failure: unknown, place: Place): unknown {
  if (failure instanceof StorageError) return failure;
  const facts = factsOf(failure);
  const { meaning, advice } = judge(facts);
  if (meaning === 'unknown') return failure;
  const said = advice?.(place, facts) ?? `${place.service} answers ${facts.code || facts.status}`;
  return new StorageError(AS_STORAGE_FAILURE[meaning], `cannot ${what}: ${said}`, failure);
}

function judge({ code, status, reason }: Facts): Verdict {
  const known = BY_CODE.get(code);
  if (known) return known;
  if (status === undefined) return { meaning: 'unknown' };
  // What such a server does not find says nothing about our objects; but a proxy may ask for patience in its own words.
  const isPatience = status === 408 || status === 429;
  if (code === NO_S3 && status >= 300 && status < 500 && !isPatience) return { meaning: 'setup', advice: noS3 };
  if (code === '' && status === 503 && /^slow ?down$/i.test(reason)) return THROTTLED;
  const told = BY_STATUS.get(status) ?? (code === '' ? UNNAMED.get(status) : undefined);
  // An answer of 200 that fails was cut short.
  return told ?? { meaning: status < 300 || status >= 500 ? 'passing' : 'refused' };
}

function factsOf(failure: unknown): Facts {
  const fields = membersOf(failure);
  const metadata = membersOf(fields['$metadata']);
  const response = membersOf(fields['$response']);
  const headers = membersOf(response['headers']);
  const text = (value: unknown): string => (typeof value === 'string' && value !== 'Unknown' ? value : '');
  const status = metadata['httpStatusCode'];
  return {
    code: text(fields['Code']) || text(fields['code']) || text(fields['name']),
    status: typeof status === 'number' ? status : undefined,
    reason: text(response['reason']),
    region: text(fields['Region']) || text(headers['x-amz-bucket-region']) || undefined,
    clockCorrected: metadata['clockSkewCorrected'] === true,
  };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
