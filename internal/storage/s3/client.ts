import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { StorageError } from '../types.ts';
import type { Place } from './failures.ts';
import type { S3Config } from './options.ts';

export interface Timeouts {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** For one attempt of a call, answer included; of a read, until its first byte. */
  readonly callMs: number;
  /** For one attempt at a copy, which S3 answers when it is done. */
  readonly copyMs: number;
  /** For a stream that brings nothing. */
  readonly stallMs: number;
}

export const TIMEOUTS: Timeouts = { connectMs: 5000, callMs: 60_000, copyMs: 900_000, stallMs: 60_000 };

/** The clients of one bucket. Slow readers hold connections for long: those of `reads` are apart from all others. */
export interface Clients {
  readonly calls: S3Client;
  readonly reads: S3Client;
  /** For URLs that others use; it never calls. */
  readonly urls: S3Client;
  readonly place: Place;
}

const CALL_SOCKETS = 128;
const READ_SOCKETS = 1024;
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Makes the SDK's clients; nothing is called yet. A StorageError names the setting that is missing. */
export async function createClients(config: S3Config, timeouts: Timeouts): Promise<Clients> {
  const place = placeOf(config);
  const common = commonConfig(config, place);
  const handler = { connectionTimeout: timeouts.connectMs, logger: SILENT };
  const calls = new S3Client({
    ...common,
    // Each attempt has a deadline of its own; a copy is silent for minutes.
    requestHandler: { ...handler, socketTimeout: 0, ...agents(CALL_SOCKETS) },
  });
  const region = await calls.config.region().catch((cause: unknown) => {
    throw new StorageError('broken', 'the region of the bucket is not known: set storage.s3.region', cause);
  });
  // One look at the credentials is enough for all.
  const credentials = calls.config.credentials;
  const reads = new S3Client({
    ...common,
    region,
    credentials,
    requestHandler: { ...handler, socketTimeout: timeouts.stallMs, ...agents(READ_SOCKETS) },
  });
  const publicEndpoint = config['storage.s3.public_endpoint'];
  const urls = new S3Client({ ...common, region, credentials, ...(publicEndpoint && { endpoint: publicEndpoint }) });
  signNoBodies(calls, config);
  return { calls, reads, urls, place };
}

function placeOf(config: S3Config): Place {
  const bucket = config['storage.s3.bucket'];
  if (!bucket) throw new StorageError('broken', 'storage.type is s3: set storage.s3.bucket');
  const endpoint = config['storage.s3.endpoint'];
  return { bucket, service: endpoint ?? 'AWS', pathStyle: config['storage.s3.path_style'] ?? endpoint !== undefined };
}

function commonConfig(config: S3Config, { pathStyle }: Place): S3ClientConfig {
  const endpoint = config['storage.s3.endpoint'];
  const region = config['storage.s3.region'] ?? (endpoint ? 'us-east-1' : undefined);
  const accessKeyId = config['storage.s3.access_key_id'];
  const secretAccessKey = config['storage.s3.secret_access_key'];
  const sessionToken = config['storage.s3.session_token'];
  const checksums = sendsChecksums(config) ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
  return {
    ...(endpoint && { endpoint }),
    ...(region && { region }),
    ...(accessKeyId &&
      secretAccessKey && { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }),
    forcePathStyle: pathStyle,
    requestChecksumCalculation: checksums,
    // What was read is checked where its digest is known; S3's own checksums of parts say nothing about ranges.
    responseChecksumValidation: 'WHEN_REQUIRED',
    // `retry.ts` repeats instead: it knows what is safe, and how long is enough.
    retryStrategy: { retry: (next, args) => next(args) },
    logger: SILENT,
  };
}

function sendsChecksums(config: S3Config): boolean {
  const checksums = config['storage.s3.checksums'];
  if (checksums !== 'auto') return checksums === 'when_supported';
  const endpoint = config['storage.s3.endpoint'];
  // Stores of other vendors, and old versions of theirs, refuse what they do not know.
  return !endpoint || /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(new URL(endpoint).hostname);
}

function agents(maxSockets: number): { httpAgent: object; httpsAgent: object } {
  const agent = { keepAlive: true, maxSockets };
  return { httpAgent: agent, httpsAgent: agent };
}

/** Under TLS the wire is guarded already: to hash each body once more, in this thread, would guard nothing. */
function signNoBodies(client: S3Client, config: S3Config): void {
  if (config['storage.s3.endpoint']?.startsWith('http:')) return;
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { readonly request?: { readonly headers?: Record<string, string> } };
      if (request?.headers) request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'signNoBodies' },
  );
}
