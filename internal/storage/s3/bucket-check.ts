import {
  DeleteObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { childKey, UPLOADS } from '../layout.ts';
import { StorageError, type StorageFailure } from '../types.ts';
import type { Encryption } from './bucket.ts';
import type { Attempt, Caller } from './caller.ts';
import type { Names } from './names.ts';

export interface BucketCheck {
  /** Resolves where the bucket can be used just now; else a StorageError says in one line what is wrong, and what to set. */
  readonly run: () => Promise<void>;
  /** What was found about writing counts no more: the next run looks again. */
  readonly forget: () => void;
}

/** For each call: whoever asks asks again soon. */
const ONCE = { deadlineMs: 5000, tries: 1 };
/**
 * S3 refuses calls of a clock that is off by a quarter of an hour, and the SDK corrects them; but claims and leases among
 * several servers are worth nothing with such a clock.
 */
const MOST_SKEW_MS = 5 * 60_000;
const MINUTE_MS = 60_000;

export function createBucketCheck(calls: S3Client, caller: Caller, names: Names, encryption: Encryption): BucketCheck {
  const { Bucket } = names;
  const probe = { Bucket, Key: names.full(childKey(UPLOADS, 'probe')) };
  let writes = false;

  const call = <T>(what: string, act: (attempt: Attempt) => Promise<T>): Promise<T> => caller.call(what, act, ONCE);

  async function look(): Promise<void> {
    try {
      await call('use the bucket', (attempt) => calls.send(new HeadBucketCommand({ Bucket }), attempt));
    } catch {
      // The answer to a HEAD cannot say what is wrong; this one does.
      const one = new ListObjectsV2Command({ Bucket, Prefix: names.prefix, MaxKeys: 1 });
      await call('use the bucket', (attempt) => calls.send(one, attempt));
    }
  }

  function compareClocks(): void {
    const aheadMs = -calls.config.systemClockOffset;
    if (Math.abs(aheadMs) < MOST_SKEW_MS) return;
    const [minutes, direction] = [Math.round(Math.abs(aheadMs) / MINUTE_MS), aheadMs > 0 ? 'ahead of' : 'behind'];
    const off = `the clock of this machine is ${minutes} minutes ${direction} that of ${caller.place.service}`;
    throw new StorageError('busy', `cannot use the bucket: ${off}: set the clock (NTP)`);
  }

  /** Costs money, and leaves versions where the bucket keeps them: it is found out once. */
  async function write(): Promise<void> {
    const object = new PutObjectCommand({ ...probe, Body: Buffer.alloc(0), ...encryption });
    await call('write to the bucket', (attempt) => calls.send(object, attempt));
    await call('remove from the bucket', (attempt) => calls.send(new DeleteObjectCommand(probe), attempt));
    writes = true;
  }

  return {
    run: async () => {
      await unless('throttled', look); // then it answers
      compareClocks();
      if (!writes) await unless('throttled', () => unless('full', write)); // what is there can be read and deleted
    },
    forget: () => void (writes = false),
  };
}

async function unless(failure: StorageFailure, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    if (!(thrown instanceof StorageError) || thrown.failure !== failure) throw thrown;
  }
}
