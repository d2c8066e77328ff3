import { setTimeout as wait } from 'node:timers/promises';
import type { Driver, Objects } from '../driver.ts';
import { UPLOADS } from '../layout.ts';
import type { StorageLog } from '../storage-log.ts';
import { Assembler } from './assembler.ts';
import { createBucket, type Encryption } from './bucket.ts';
import { createBucketCheck } from './bucket-check.ts';
import { Caller } from './caller.ts';
import { createClients, TIMEOUTS, type Timeouts } from './client.ts';
import { HeldUploads } from './held-uploads.ts';
import { LIMITS, type Limits } from './limits.ts';
import { createMultiparts } from './multiparts.ts';
import { createNames } from './names.ts';
import { openObject } from './object-content.ts';
import type { S3Config } from './options.ts';
import { PartBuffers } from './part-buffers.ts';
import { createPresigner } from './presigner.ts';
import type { Retry } from './retry.ts';
import { createRemover } from './remover.ts';
import { createStaging } from './staging.ts';
import { Traces } from './traces.ts';
import { listUploads } from './uploads-list.ts';
import { openWatch } from './watch.ts';

export interface S3Options {
  readonly config: S3Config;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A fresh UUID each time, in lower case. */
  readonly uuid: () => string;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told when the bucket cannot be used, and when it can again. Where it is not given, nobody looks for that. */
  readonly log?: StorageLog;
  /** Told of bytes that were read, whose buffers are garbage now: left to itself, the collector lets them pile up. */
  readonly onGarbage?: (count: number) => void;
  /** For tests, as what follows. */
  readonly wait?: Retry['wait'];
  readonly limits?: Limits;
  readonly timeouts?: Timeouts;
  readonly buffers?: PartBuffers;
}

/** 128 MiB with parts of the usual size. */
const MOST_BUFFERS = 16;
const HELD_BYTES = 32 * 1024 * 1024;
const MOST_TRACES = 10_000;
/** Storage in a bucket of any service that speaks S3. It opens whether that can be used or not: what is away may come. */
export async function openS3(options: S3Options): Promise<Driver> {
  const { config, clock, uuid, random, limits = LIMITS, timeouts = TIMEOUTS } = options;
  const { buffers = new PartBuffers(MOST_BUFFERS, limits.partBytes, clock) } = options;
  const clients = await createClients(config, timeouts);
  const { calls, reads, urls, place } = clients;
  const onTrouble = (): void => {
    check.forget();
    watch?.doubt();
  };
  const caller = new Caller(place, timeouts, { clock, wait: options.wait ?? wait, random }, onTrouble);
  const names = createNames(place.bucket, config['storage.s3.prefix']);
  const encryption = encryptionOf(config);
  const check = createBucketCheck(calls, caller, names, encryption);
  const bucket = createBucket(clients, caller, names, encryption);
  const multiparts = createMultiparts(clients, caller, names, encryption);
  const reading = { bucket, caller, onGarbage: options.onGarbage ?? (() => undefined) };
  const traces = new Traces(MOST_TRACES);
  const writer = { bucket, multiparts, buffers, limits };
  const staging = createStaging({
    ...writer,
    reading,
    assembler: new Assembler({ ...writer, reading }),
    held: new HeldUploads(HELD_BYTES, clock),
    traces,
    nonce: () => uuid().slice(-12),
  });
  const objects: Objects = {
    async stat(key) {
      const found = await bucket.head(key);
      // The answer to a HEAD does not tell a missing object from a missing bucket, and absence has consequences.
      if (!found) (await bucket.get(key))?.body.destroy();
      return found;
    },
    open: (key) => openObject(reading, key),
    put: (key, bytes) => bucket.put(key, bytes),
    remove: (key) => bucket.remove(key),
    removeAll: createRemover(clients, caller, names),
    list: (prefix) => (prefix === UPLOADS ? listUploads({ bucket, multiparts, traces }) : bucket.list(`${prefix}/`)),
  };

  const { log } = options;
  const pause = (ms: number, signal: AbortSignal): Promise<void> => wait(ms, undefined, { signal, ref: false });
  const watch = log && openWatch({ check: check.run, log, pause, random });

  return {
    name: 's3',
    objects,
    staging,
    ...(redirects(config) && { presigns: createPresigner(clients, caller, names, clock) }),
    check: watch?.check ?? check.run,
    async close() {
      const watched = watch?.close();
      for (const client of [calls, reads, urls]) client.destroy();
      await watched;
    },
  };
}

function encryptionOf(config: S3Config): Encryption {
  const sse = config['storage.s3.sse'];
  const keyId = config['storage.s3.kms_key_id'];
  return { ...(sse && { ServerSideEncryption: sse }), ...(keyId && { SSEKMSKeyId: keyId }) };
}

function redirects(config: S3Config): boolean {
  const redirect = config['storage.s3.redirect'];
  return redirect === 'on' || (redirect === 'auto' && config['storage.s3.public_endpoint'] !== undefined);
}
