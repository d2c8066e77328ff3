const STATUS = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  EntityTooSmall: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const;

export type S3FailureCode = keyof typeof STATUS;

/** A refusal, as S3 names it. */
export class S3Failure extends Error {
  readonly code: S3FailureCode;

  constructor(code: S3FailureCode, message: string = code) {
    super(message);
    this.name = 'S3Failure';
    this.code = code;
  }

  get status(): number {
    return STATUS[this.code];
  }
}
