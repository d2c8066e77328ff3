import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { DocumentDeps } from '../deps.ts';
import type { DocumentPlace, LoadedDocument, Persisted } from '../types.ts';
import type { S3Place } from '../uri.ts';
import { explain, kindOf } from './failures.ts';
import { findKeys, findRegion } from './settings.ts';

const UPLOAD_MS = 60_000;
const DOWNLOAD_MS = 30_000;
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** An object of a bucket, which must be there already. */
export async function openS3(place: S3Place, { token, env }: DocumentDeps): Promise<DocumentPlace> {
  const { bucket, key } = place;
  const client = new S3Client(configOf(place, token, env));
  const object = { Bucket: bucket, Key: key };
  const service = place.endpoint ?? 'AWS';

  async function attempt<T>(
    operation: string,
    timeoutMs: number,
    work: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await work(signal);
    } catch (error) {
      throw explain(error, `${operation} in bucket ${bucket} of ${service}`, signal.aborted, place);
    }
  }

  const check = (): Promise<void> =>
    attempt('look', DOWNLOAD_MS, async (abortSignal) => {
      await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal });
    });

  async function load(abortSignal: AbortSignal): Promise<LoadedDocument | undefined> {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand(object), { abortSignal });
      if (!Body || ETag === undefined) throw new Error('the answer has no content, or no ETag');
      return { bytes: await Body.transformToByteArray(), state: ETag };
    } catch (error) {
      if (kindOf(error) === 'absent') return undefined;
      throw error;
    }
  }

  async function findState(abortSignal: AbortSignal): Promise<string | undefined> {
    try {
      return (await client.send(new HeadObjectCommand(object), { abortSignal })).ETag;
    } catch (error) {
      if (kindOf(error) === 'absent') return undefined;
      throw error;
    }
  }

  async function put(bytes: Uint8Array, condition: object, abortSignal: AbortSignal): Promise<Persisted> {
    const body = { Body: bytes, ContentLength: bytes.length, ContentType: 'application/json' };
    const { ETag } = await client.send(new PutObjectCommand({ ...object, ...body, ...condition }), { abortSignal });
    if (ETag === undefined) throw new Error('the answer has no ETag');
    return { kind: 'persisted', state: ETag };
  }

  async function persist(bytes: Uint8Array, expected: string | undefined, signal: AbortSignal): Promise<Persisted> {
    try {
      return await put(bytes, expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected }, signal);
    } catch (error) {
      const kind = kindOf(error);
      // With a condition on what was there, 404 is an object that somebody deleted meanwhile.
      if (kind === 'changed' || (kind === 'absent' && expected !== undefined)) return { kind: 'changed' };
      if (kind !== 'unable') throw error;
    }
    // A service without conditional writes: as near to one as can be.
    return (await findState(signal)) === expected ? put(bytes, {}, signal) : { kind: 'changed' };
  }

  await check().catch((error: unknown) => {
    client.destroy();
    throw error;
  });
  return {
    load: () => attempt(`load ${key}`, DOWNLOAD_MS, load),
    findState: () => attempt(`look at ${key}`, DOWNLOAD_MS, findState),
    persist: (bytes, expected) => attempt(`persist ${key}`, UPLOAD_MS, (signal) => persist(bytes, expected, signal)),
    check,
    close: async () => client.destroy(),
  };
}

function configOf(place: S3Place, token: string | undefined, env: DocumentDeps['env']): S3ClientConfig {
  const keys = findKeys(token, env);
  const isAws = place.endpoint === undefined;
  return {
    region: findRegion(place, env),
    ...(keys && { credentials: keys }),
    ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
    forcePathStyle: !isAws,
    // Other vendors' stores refuse checksums that they do not know.
    requestChecksumCalculation: isAws ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    logger: SILENT,
  };
}
