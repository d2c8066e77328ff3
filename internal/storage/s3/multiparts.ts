import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import type { Key } from '../driver.ts';
import { StorageError, type ByteRange } from '../types.ts';
import type { Encryption } from './bucket.ts';
import type { Caller } from './caller.ts';
import type { Clients } from './client.ts';
import { cutShort, goneError, meaningOf } from './failures.ts';
import type { Names } from './names.ts';

/** A multipart upload that was begun: an object in the making, of which nothing is seen under its key. */
export interface Multipart {
  readonly key: Key;
  readonly uploadId: string;
}

/** S3 takes so many parts of an object, each but the last of at least so many bytes, each of at most so many. */
export const MOST_PARTS = 10_000;
export const LEAST_PART_BYTES = 5 * 1024 * 1024;

/** Objects in parts, by one call each. Parts are numbered from 1. */
export interface Multiparts {
  create(key: Key): Promise<Multipart>;
  /** Puts a part in place of one of that number; gives its tag. */
  put(multipart: Multipart, number: number, bytes: Uint8Array): Promise<string>;
  /** Likewise, from a range of an object; fails as `lost` where that is gone. */
  copy(multipart: Multipart, number: number, from: Key, range: ByteRange): Promise<string>;
  /** Makes the parts an object. False where there is no such upload: given up, or completed before. */
  complete(multipart: Multipart, tags: readonly string[]): Promise<boolean>;
  /** Gives up; nothing happens where there is no such upload. */
  abort(multipart: Multipart): Promise<void>;
  /** What was begun under keys that start with the text. */
  list(start: string): AsyncIterable<Multipart & { readonly begunMs: number }>;
  /** When the last part came; undefined where there is none. */
  lastMs(multipart: Multipart): Promise<number | undefined>;
}

interface Markers {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

export function createMultiparts(clients: Clients, caller: Caller, names: Names, encryption: Encryption): Multiparts {
  const { calls } = clients;
  const { Bucket } = names;
  const asked = ({ key, uploadId }: Multipart): { Bucket: string; Key: string; UploadId: string } => ({
    Bucket,
    Key: names.full(key),
    UploadId: uploadId,
  });
  const slow = { deadlineMs: caller.timeouts.copyMs };

  const create = (key: Key): Promise<Multipart> =>
    caller.call(`begin ${key}`, async (attempt) => {
      const object = { Bucket, Key: names.full(key), ContentType: 'application/octet-stream', ...encryption };
      const begun = await calls.send(new CreateMultipartUploadCommand(object), attempt);
      return { key, uploadId: begun.UploadId ?? cutShort() };
    });

  const put = (multipart: Multipart, number: number, bytes: Uint8Array): Promise<string> =>
    caller.call(`store a part of ${multipart.key}`, async (attempt) => {
      const part = { ...asked(multipart), PartNumber: number, Body: bytes };
      const stored = await calls.send(new UploadPartCommand(part), attempt);
      return stored.ETag ?? cutShort();
    });

  async function copy(multipart: Multipart, number: number, from: Key, range: ByteRange): Promise<string> {
    const source = { CopySource: names.source(from), CopySourceRange: `bytes=${range.start}-${range.end}` };
    const part = { ...asked(multipart), PartNumber: number, ...source };
    const tag = await caller.find(
      `store a part of ${multipart.key}`,
      async (attempt) => {
        const stored = await calls.send(new UploadPartCopyCommand(part), attempt);
        return stored.CopyPartResult?.ETag ?? cutShort();
      },
      { ...slow, absent: ['absent'] },
    );
    return tag ?? Promise.reject(goneError(from));
  }

  async function complete(multipart: Multipart, tags: readonly string[]): Promise<boolean> {
    const Parts = tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    const all = { ...asked(multipart), MultipartUpload: { Parts } };
    const done = await caller.find(
      `store ${multipart.key}`,
      (attempt) => calls.send(new CompleteMultipartUploadCommand(all), attempt),
      slow,
    );
    return done !== undefined;
  }

  async function abort(multipart: Multipart): Promise<void> {
    await caller.find(`give up ${multipart.key}`, (attempt) =>
      calls.send(new AbortMultipartUploadCommand(asked(multipart)), attempt),
    );
  }

  async function* list(start: string): AsyncGenerator<Multipart & { readonly begunMs: number }> {
    let after: Markers = {};
    do {
      const found = await listPage({ Bucket, Prefix: names.prefix + start, ...after });
      for (const { Key: name, UploadId, Initiated } of found.Uploads ?? []) {
        const key = names.key(name ?? '');
        if (key && UploadId) yield { key, uploadId: UploadId, begunMs: Initiated?.getTime() ?? 0 };
      }
      const { NextKeyMarker, NextUploadIdMarker } = found;
      after = {
        ...(found.IsTruncated && NextKeyMarker && { KeyMarker: NextKeyMarker }),
        ...(found.IsTruncated && NextUploadIdMarker && { UploadIdMarker: NextUploadIdMarker }),
      };
    } while (after.KeyMarker);
  }

  async function listPage(page: ListMultipartUploadsCommandInput): Promise<ListMultipartUploadsCommandOutput> {
    const { UploadIdMarker, ...byKey } = page;
    const what = `list uploads of ${page.Prefix}`;
    const ask = (input: ListMultipartUploadsCommandInput): Promise<ListMultipartUploadsCommandOutput> =>
      caller.call(what, (attempt) => calls.send(new ListMultipartUploadsCommand(input), attempt));
    if (UploadIdMarker === undefined) return ask(byKey);
    return ask(page).catch((failure: unknown) => {
      // Some services do not know the marker that they gave. Without it, further uploads of the page's last key are
      // passed over; they come with a later list.
      if (failure instanceof StorageError && meaningOf(failure.cause) === 'refused') return ask(byKey);
      throw failure;
    });
  }

  async function lastMs(multipart: Multipart): Promise<number | undefined> {
    let last: number | undefined;
    let after: { PartNumberMarker: string } | undefined;
    do {
      const command = new ListPartsCommand({ ...asked(multipart), ...after });
      const page = await caller.find(`list parts of ${multipart.key}`, (attempt) => calls.send(command, attempt));
      for (const { LastModified } of page?.Parts ?? []) last = Math.max(last ?? 0, LastModified?.getTime() ?? 0);
      after =
        page?.IsTruncated && page.NextPartNumberMarker ? { PartNumberMarker: page.NextPartNumberMarker } : undefined;
    } while (after);
    return last;
  }

  return { create, put, copy, complete, abort, list, lastMs };
}
