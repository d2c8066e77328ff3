import { createHash, randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { findUploadId, type UploadId } from '../../pkg/oci/index.ts';
import type { Driver } from './driver.ts';
import type { ByteRange, Content } from './types.ts';

/** A driver under test, and what it holds that it should not hold any more. */
export interface TestedDriver {
  readonly driver: Driver;
  /** Names what is left behind (open files, buffers on loan), and takes the driver's ground away. */
  end(): Promise<readonly string[]>;
}

/** Ends a driver's test; fails where anything is left behind. */
export async function endClean(tested: TestedDriver): Promise<void> {
  expect(await tested.end()).toEqual([]);
}

/** Bytes that look random and are the same in each run. */
export function bytesOf(sizeBytes: number, seed = 'seed'): Buffer {
  const block = createHash('sha512').update(seed).digest();
  return Buffer.alloc(sizeBytes, block).map((byte, index) => byte ^ (index >> 6)) as Buffer;
}

export function newUploadId(): UploadId {
  return findUploadId(randomUUID())!;
}

/** A body that comes in chunks of `chunkBytes`, each in the same buffer, as a sender may do it. */
export async function* bodyOf(bytes: Uint8Array, chunkBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(Math.min(chunkBytes, bytes.length));
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const part = bytes.subarray(at, at + chunkBytes);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
    buffer.fill(0xee);
  }
}

/** A body that breaks off after its bytes. */
export async function* brokenBodyOf(bytes: Uint8Array, cause: Error, chunkBytes?: number): AsyncGenerator<Uint8Array> {
  yield* bodyOf(bytes, chunkBytes);
  throw cause;
}

export async function readAll(content: Content, range?: ByteRange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content.read(range)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Reads and closes; undefined where there is nothing. */
export async function readOnce(opening: Promise<Content | undefined>, range?: ByteRange): Promise<Buffer | undefined> {
  const content = await opening;
  if (!content) return undefined;
  try {
    return await readAll(content, range);
  } finally {
    await content.close();
  }
}

/** What a promise fails with; undefined where it does not. Listens at once, to be awaited later. */
export function failureIn(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (failure: unknown) => failure,
  );
}
