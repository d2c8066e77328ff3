import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3';
import type { Key, Objects } from '../driver.ts';
import { removeEach, type Left } from '../remove-each.ts';
import type { Caller } from './caller.ts';
import type { Clients } from './client.ts';
import { meaningOf } from './failures.ts';
import type { Names } from './names.ts';

/** S3 takes no more in one call. */
const MOST_AT_ONCE = 1000;
/** Where there is a call for each. */
const CALLS_AT_ONCE = 16;

/**
 * Removes many objects with few calls, and looks at what S3 says of each; one by one where the service has no such call,
 * or takes it in another form only. Nothing is tried twice: who comes again does so later.
 */
export function createRemover(
  { calls }: Pick<Clients, 'calls'>,
  caller: Caller,
  { Bucket, full }: Names,
): NonNullable<Objects['removeAll']> {
  let hasCall = true;
  const limits = (leftMs: number) => ({ deadlineMs: Math.min(leftMs, caller.timeouts.callMs), tries: 1 });

  /** Undefined where the service does not know the call. */
  async function removeTogether(keys: readonly Key[], leftMs: number): Promise<readonly Left<Key>[] | undefined> {
    const byName = new Map(keys.map((key) => [full(key), key]));
    const asked = { Bucket, Delete: { Quiet: true, Objects: [...byName.keys()].map((Key) => ({ Key })) } };
    const answer = await caller.call(
      'remove objects',
      (attempt) =>
        calls.send(new DeleteObjectsCommand(asked), attempt).catch((failure: unknown) => {
          const meaning = meaningOf(failure);
          if (meaning === 'unable' || meaning === 'refused') return undefined;
          throw failure;
        }),
      limits(leftMs),
    );
    return (
      answer?.Errors?.flatMap(({ Key: name = '', Code = 'unknown', Message = '' }) => {
        const item = byName.get(name);
        return item && Code !== 'NoSuchKey' ? [{ item, cause: new Error(`S3 says ${Code}: ${Message}`) }] : [];
      }) ??
      (answer && [])
    );
  }

  async function removeOne(key: Key, leftMs: number): Promise<void> {
    const one = { Bucket, Key: full(key) };
    await caller.find(`remove ${key}`, (attempt) => calls.send(new DeleteObjectCommand(one), attempt), limits(leftMs));
  }

  async function removeSome(keys: readonly Key[], leftMs: () => number): Promise<readonly Left<Key>[]> {
    if (hasCall && leftMs() > 0) {
      try {
        const left = await removeTogether(keys, leftMs());
        if (left) return left;
        hasCall = false;
      } catch (cause) {
        return keys.map((item) => ({ item, cause }));
      }
    }
    return removeEach(keys, CALLS_AT_ONCE, leftMs, (key) => removeOne(key, leftMs()));
  }

  return async (keys, leftMs) => {
    const left: Left<Key>[] = [];
    for (let at = 0; at < keys.length; at += MOST_AT_ONCE) {
      left.push(...(await removeSome(keys.slice(at, at + MOST_AT_ONCE), leftMs)));
    }
    return left;
  };
}
