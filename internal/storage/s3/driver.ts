import { setTimeout as wait } from 'node:timers/promises';
import { HeadBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Driver, Objects } from '../driver.ts';
import { UPLOADS } from '../layout.ts';
import { Assembler } from './assembler.ts';
import { createBucket, type Encryption } from './bucket.ts';
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
import { createStaging } from './staging.ts';
import { Traces } from './traces.ts';
import { listUploads } from './uploads-list.ts';

export interface S3Options {
  readonly config: S3Config;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A fresh UUID each time, in lower case. */
  readonly uuid: () => string;
  /** From 0 up to 1. */
  readonly random: () => number;
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
/** For the probe of `/readyz`, which is asked again soon. */
const CHECK_MS = 5000;

/** Storage in a bucket of any service that speaks S3. Nothing is called yet: a service that is away may come back. */
export async function openS3(options: S3Options): Promise<Driver> {
  const { config, clock, uuid, random, limits = LIMITS, timeouts = TIMEOUTS } = options;
  const { buffers = new PartBuffers(MOST_BUFFERS, limits.partBytes, clock) } = options;
  const clients = await createClients(config, timeouts);
  const { calls, reads, urls, place } = clients;
  const caller = new Caller(place, timeouts, { clock, wait: options.wait ?? wait, random });
  const names = createNames(place.bucket, config['storage.s3.prefix']);
  const encryption = encryptionOf(config);
  const bucket = createBucket(clients, caller, names, encryption);
  const multiparts = createMultiparts(clients, caller, names, encryption);
  const reading = { bucket, caller };
  const writer = { bucket, multiparts, buffers, limits };
  const staging = createStaging({
    ...writer,
    reading,
    assembler: new Assembler({ ...writer, reading }),
    held: new HeldUploads(HELD_BYTES, clock),
    traces: new Traces(MOST_TRACES),
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
    list: (prefix) => (prefix === UPLOADS ? listUploads({ bucket, multiparts }) : bucket.list(`${prefix}/`)),
  };

  async function check(): Promise<void> {
    const once = { deadlineMs: CHECK_MS, tries: 1 };
    const Bucket = place.bucket;
    try {
      await caller.call('use the bucket', (attempt) => calls.send(new HeadBucketCommand({ Bucket }), attempt), once);
    } catch {
      // The answer to a HEAD cannot say what is wrong; this one does.
      const one = new ListObjectsV2Command({ Bucket, Prefix: names.prefix, MaxKeys: 1 });
      await caller.call('use the bucket', (attempt) => calls.send(one, attempt), once);
    }
  }

  return {
    name: 's3',
    objects,
    staging,
    ...(redirects(config) && { presigns: createPresigner(clients, caller, names, clock) }),
    check,
    async close() {
      for (const client of [calls, reads, urls]) client.destroy();
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
