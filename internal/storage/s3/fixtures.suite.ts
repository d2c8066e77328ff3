import { randomUUID } from 'node:crypto';
import { startS3Server, type S3Server, type S3ServerOptions } from '../../testing/s3/server.ts';
import type { Driver } from '../driver.ts';
import type { TestedDriver } from '../fixtures.suite.ts';
import { TIMEOUTS, type Timeouts } from './client.ts';
import { openS3, type S3Options } from './driver.ts';
import type { Limits } from './limits.ts';
import type { S3Config } from './options.ts';
import { PartBuffers } from './part-buffers.ts';

const KIB = 1024;

/** So small that what the suites write goes in parts, in several pieces, and is copied in parts. */
export const SMALL_LIMITS: Limits = {
  partBytes: 128 * KIB,
  smallBytes: 4 * KIB,
  leastPartBytes: 64 * KIB,
  mostParts: 10,
  mostBuffersPerPart: 3,
  wholeCopyBytes: 512 * KIB,
  leastCopyBytes: 256 * KIB,
  mostCopyBytes: 1024 * KIB,
  mostPieces: 4,
};

export const NO_SETTINGS: S3Config = {
  'storage.s3.endpoint': undefined,
  'storage.s3.region': undefined,
  'storage.s3.bucket': undefined,
  'storage.s3.prefix': undefined,
  'storage.s3.path_style': undefined,
  'storage.s3.access_key_id': undefined,
  'storage.s3.secret_access_key': undefined,
  'storage.s3.session_token': undefined,
  'storage.s3.sse': undefined,
  'storage.s3.kms_key_id': undefined,
  'storage.s3.checksums': 'auto',
  'storage.s3.public_endpoint': undefined,
  'storage.s3.redirect': 'auto',
};

export function settingsFor(server: S3Server, changes: Partial<S3Config> = {}): S3Config {
  return {
    ...NO_SETTINGS,
    'storage.s3.endpoint': server.endpoint,
    'storage.s3.bucket': server.bucket,
    'storage.s3.access_key_id': server.accessKeyId,
    'storage.s3.secret_access_key': server.secretAccessKey,
    ...changes,
  };
}

export interface TestedS3 extends TestedDriver {
  readonly server: S3Server;
  readonly buffers: PartBuffers;
  /** A further driver on the same bucket, as another process has it. */
  openAgain(changes?: Partial<S3Config>, own?: Pick<S3Options, 'log' | 'onGarbage'>): Promise<Driver>;
}

export interface TestedS3Options extends S3ServerOptions {
  readonly settings?: Partial<S3Config>;
  readonly limits?: Limits;
  readonly timeouts?: Timeouts;
  readonly mostBuffers?: number;
}

/** The driver on a server of its own, with nothing of its waiting. */
export async function openTestedS3(options: TestedS3Options = {}): Promise<TestedS3> {
  const { settings, limits = SMALL_LIMITS, timeouts = TIMEOUTS, mostBuffers = 16 } = options;
  const server = await startS3Server({ leastPartBytes: limits.leastPartBytes, pageSize: 2, ...options });
  const buffers = new PartBuffers(mostBuffers, limits.partBytes, () => 0);
  const common = { clock: Date.now, uuid: randomUUID, random: () => 0, wait: async () => undefined, limits, timeouts };
  const open = (changes: Partial<S3Config> | undefined, own: Partial<S3Options>): Promise<Driver> =>
    openS3({ config: settingsFor(server, changes), ...common, ...own });
  const driver = await open(settings, { buffers });
  const others: Driver[] = [];
  return {
    driver,
    server,
    buffers,
    async openAgain(changes, own = {}) {
      const other = await open({ ...settings, ...changes }, own);
      others.push(other);
      return other;
    },
    async end() {
      for (const each of [driver, ...others]) await each.close();
      await server.close();
      const left = [
        ['buffers on loan', buffers.inUse],
        ['uploads begun', server.store.uploads.size],
      ] as const;
      return left.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
    },
  };
}
