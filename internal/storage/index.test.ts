import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../pkg/oci/index.ts';
import { bodyOf, bytesOf, newUploadId, readOnce } from './fixtures.suite.ts';
import { openStorage, type StorageConfig } from './index.ts';

const LARGE = bytesOf(600_000);

describe('openStorage', () => {
  it.each(['filesystem', 'memory'] as const)('opens %s, which takes a push and gives it back', async (type) => {
    const path = await mkdtemp(join(tmpdir(), 'octoserve-storage-'));
    const config: StorageConfig = {
      'storage.type': type,
      'storage.path': path,
      'storage.durability': 'full',
      'storage.verify_reads': false,
    };
    const storage = await openStorage(config, { clock: () => 0, uuid: randomUUID });
    const id = newUploadId();
    const options = { algorithm: 'sha256', sync: false } as const;
    const { position } = await storage.uploads.append(id, { offsetBytes: 0 }, bodyOf(LARGE), options);
    await storage.uploads.publish(id, position, digestOf(LARGE));
    await storage.uploads.discard(id);
    await storage.check();
    expect((await readOnce(storage.blobs.open(digestOf(LARGE))))?.equals(LARGE)).toBe(true);
    expect(await readdir(path)).toEqual(type === 'filesystem' ? ['blobs', 'manifests', 'uploads'] : []);
    await storage.close();
    await rm(path, { recursive: true });
  });
});
