import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../pkg/oci/index.ts';
import { bodyOf, bytesOf, newUploadId, readOnce } from './fixtures.suite.ts';
import { startS3Server } from '../testing/s3/server.ts';
import { openStorage, STORAGE_OPTIONS, type Storage, type StorageConfig } from './index.ts';

const LARGE = bytesOf(600_000);
const DEFAULTS = Object.fromEntries(
  STORAGE_OPTIONS.map((option) => [option.key, option.default]),
) as unknown as StorageConfig;

async function pushOnce(storage: Storage): Promise<void> {
  const id = newUploadId();
  const options = { algorithm: 'sha256', sync: false } as const;
  const { position } = await storage.uploads.append(id, { offsetBytes: 0 }, bodyOf(LARGE), options);
  await storage.uploads.publish(id, position, digestOf(LARGE));
  await storage.uploads.discard(id);
  await storage.check();
  expect((await readOnce(storage.blobs.open(digestOf(LARGE))))?.equals(LARGE)).toBe(true);
}

describe('openStorage', () => {
  it.each(['filesystem', 'memory'] as const)('opens %s, which takes a push and gives it back', async (type) => {
    const path = await mkdtemp(join(tmpdir(), 'octoserve-storage-'));
    const config = { ...DEFAULTS, 'storage.type': type, 'storage.path': path };
    const storage = await openStorage(config, { clock: () => 0, uuid: randomUUID });
    await pushOnce(storage);
    expect(await readdir(path)).toEqual(type === 'filesystem' ? ['blobs', 'manifests', 'uploads'] : []);
    await storage.close();
    await rm(path, { recursive: true });
  });

  it('opens a bucket, which takes a push, gives it back, and signs URLs where clients are meant to have them', async () => {
    const server = await startS3Server();
    const config = {
      ...DEFAULTS,
      'storage.type': 's3',
      'storage.s3.endpoint': server.endpoint,
      'storage.s3.bucket': server.bucket,
      'storage.s3.access_key_id': server.accessKeyId,
      'storage.s3.secret_access_key': server.secretAccessKey,
      'storage.s3.redirect': 'on',
    } as const;
    const storage = await openStorage(config, { clock: Date.now, uuid: randomUUID });
    await pushOnce(storage);
    const url = await storage.presign?.(digestOf(LARGE), 60);
    const answer = await fetch(url!);
    expect(Buffer.from(await answer.arrayBuffer()).equals(LARGE)).toBe(true);
    await storage.close();
    const direct = await openStorage(
      { ...config, 'storage.s3.redirect': 'auto' },
      { clock: Date.now, uuid: randomUUID },
    );
    expect(direct.presign).toBeUndefined();
    await direct.close();
    await server.close();
  });
});
