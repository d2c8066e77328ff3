import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Entry, Key } from '../driver.ts';
import { StorageError, type ByteRange } from '../types.ts';
import type { Caller } from './caller.ts';
import type { Clients } from './client.ts';
import { cutShort, goneError } from './failures.ts';
import type { Names } from './names.ts';

/** An object whose bytes are on their way. */
export interface Opened {
  /** Of the whole object, whatever the range. */
  readonly sizeBytes: number;
  /** Changes when the object does. */
  readonly tag: string | undefined;
  /** To be read to its end, or destroyed. */
  readonly body: Readable;
}

/** How S3 is to encrypt what it stores. */
export interface Encryption {
  readonly ServerSideEncryption?: 'AES256' | 'aws:kms';
  readonly SSEKMSKeyId?: string;
}

/** Whole objects, by one call each. */
export interface Bucket {
  head(key: Key): Promise<Entry | undefined>;
  /** Opens a range, else all; with a `tag`, only that state of the object. */
  get(key: Key, range?: ByteRange, tag?: string): Promise<Opened | undefined>;
  put(key: Key, bytes: Uint8Array): Promise<void>;
  /** Fails as `lost` where there is nothing to copy. */
  copy(from: Key, to: Key): Promise<void>;
  remove(key: Key): Promise<void>;
  /** Everything whose key starts with the text, in the order of keys. */
  list(start: string): AsyncIterable<Entry>;
}

export function createBucket(clients: Clients, caller: Caller, names: Names, encryption: Encryption): Bucket {
  const { calls, reads } = clients;
  const { Bucket } = names;

  const head = (key: Key): Promise<Entry | undefined> =>
    caller.find(`look for ${key}`, async (attempt) => {
      const found = proven(await calls.send(new HeadObjectCommand({ Bucket, Key: names.full(key) }), attempt));
      const sizeBytes = found.ContentLength ?? cutShort();
      return { key, sizeBytes, modifiedMs: found.LastModified?.getTime() ?? 0 };
    });

  const get = (key: Key, range?: ByteRange, tag?: string): Promise<Opened | undefined> =>
    caller.find(`read ${key}`, async (attempt) => {
      const wanted = { ...(range && { Range: `bytes=${range.start}-${range.end}` }), ...(tag && { IfMatch: tag }) };
      const found = await reads.send(new GetObjectCommand({ Bucket, Key: names.full(key), ...wanted }), attempt);
      const body = found.Body instanceof Readable ? found.Body : cutShort();
      try {
        proven(found);
        const sizeBytes = range ? sizeInRange(found.ContentRange, range, key) : found.ContentLength;
        return { sizeBytes: sizeBytes ?? cutShort(), tag: found.ETag, body };
      } catch (failure) {
        body.destroy();
        throw failure;
      }
    });

  const put = (key: Key, bytes: Uint8Array): Promise<void> =>
    caller.call(`store ${key}`, async (attempt) => {
      const object = { Bucket, Key: names.full(key), Body: bytes, ...encryption };
      proven(await calls.send(new PutObjectCommand(object), attempt));
    });

  async function copy(from: Key, to: Key): Promise<void> {
    const done = await caller.find(
      `store ${to}`,
      (attempt) => {
        const object = { Bucket, Key: names.full(to), CopySource: names.source(from), ...encryption };
        return calls.send(new CopyObjectCommand(object), attempt);
      },
      { deadlineMs: caller.timeouts.copyMs },
    );
    if (!done) throw goneError(from);
  }

  async function remove(key: Key): Promise<void> {
    await caller.find(`remove ${key}`, (attempt) =>
      calls.send(new DeleteObjectCommand({ Bucket, Key: names.full(key) }), attempt),
    );
  }

  async function* list(start: string): AsyncGenerator<Entry> {
    let ContinuationToken: string | undefined;
    do {
      const asked = { Bucket, Prefix: names.prefix + start, ...(ContinuationToken && { ContinuationToken }) };
      const page = await caller.call(`list ${start}`, async (attempt) => {
        const listed = await calls.send(new ListObjectsV2Command(asked), attempt);
        const { IsTruncated, NextContinuationToken } = listed;
        // One that ends early, without a word, would be taken for all that there is.
        if (IsTruncated === undefined || (IsTruncated && !NextContinuationToken)) cutShort();
        return listed;
      });
      for (const { Key: name, Size, LastModified } of page.Contents ?? []) {
        const key = names.key(name ?? '');
        if (key) yield { key, sizeBytes: Size ?? 0, modifiedMs: LastModified?.getTime() ?? 0 };
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken);
  }

  return { head, get, put, copy, remove, list };
}

/**
 * Whoever answers with neither tag nor time is no S3, but a portal or a proxy before it: nothing was stored, and nothing
 * found. (A gateway before a file system has no tag for files that came to be there without it.)
 */
function proven<Answer extends { readonly ETag?: string | undefined; readonly LastModified?: Date | undefined }>(
  answer: Answer,
): Answer {
  return answer.ETag === undefined && answer.LastModified === undefined ? cutShort() : answer;
}

/** The size of the whole object, from an answer that must be for just this range. */
function sizeInRange(contentRange: string | undefined, { start, end }: ByteRange, key: Key): number | undefined {
  if (contentRange === undefined) return undefined;
  const [, from, to, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange) ?? [];
  if (Number(from) === start && Number(to) === end) return Number(size);
  throw new StorageError('broken', `${key} is shorter than it was`);
}
