import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import type { Growing, Key } from '../driver.ts';
import { bytesOf, endClean, newUploadId, readOnce } from '../fixtures.suite.ts';
import { blobKey, uploadKey } from '../layout.ts';
import { openTestedS3, SMALL_LIMITS, type TestedS3 } from './fixtures.suite.ts';

const MOST_BUFFERS = 4;
const CHUNK_BYTES = 50_000;

interface Client {
  readonly key: Key;
  readonly growing: Growing;
  readonly bytes: Buffer;
}

/** Each client has a part half full and sends no more for now; there are buffers for few of them. */
describe('more slow clients than buffers', () => {
  let tested: TestedS3;
  const begin = async (name: string, sizeBytes: number, straight = false): Promise<Client> => {
    const bytes = bytesOf(sizeBytes, name);
    const key = uploadKey(newUploadId());
    const destination = { key: blobKey(digestOf(bytes)), sizeBytes };
    const growing = await tested.driver.staging.grow(key, 0, undefined, straight ? destination : undefined);
    return { key, growing, bytes };
  };
  const finish = async ({ key, growing, bytes }: Client): Promise<void> => {
    const { staging, objects } = tested.driver;
    const state = await growing.finish({ sync: true });
    await staging.publish(key, blobKey(digestOf(bytes)), bytes.length, state);
    await staging.discard(key, state);
    expect((await readOnce(objects.open(blobKey(digestOf(bytes)))))?.equals(bytes)).toBe(true);
  };
  /** All send a chunk in turn, again and again. */
  const sendInTurn = async (clients: readonly Client[], sizeBytes: number): Promise<void> => {
    for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
      for (const { growing, bytes } of clients) await growing.write(bytes.subarray(at, at + CHUNK_BYTES));
      expect(tested.buffers.inUse).toBeLessThanOrEqual(MOST_BUFFERS);
    }
  };
  const several = (count: number, name: string, sizeBytes: number, straight = false): Promise<Client[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => begin(`${name} ${index}`, sizeBytes, straight)));

  beforeEach(async () => {
    tested = await openTestedS3({ mostBuffers: MOST_BUFFERS });
  });
  afterEach(() => endClean(tested));

  it('all go on, and everything arrives whole', async () => {
    const sizeBytes = 3 * SMALL_LIMITS.partBytes;
    const clients = await several(12, 'slow', sizeBytes);
    await sendInTurn(clients, sizeBytes);
    await Promise.all(clients.map(finish));
    expect(tested.buffers.inUse).toBe(0);
  });

  it('do not keep a fast one from going on', async () => {
    const slow = await several(MOST_BUFFERS, 'slow', CHUNK_BYTES);
    await sendInTurn(slow, CHUNK_BYTES);
    expect(tested.buffers.inUse).toBe(MOST_BUFFERS);
    const fast = await begin('fast', 10 * SMALL_LIMITS.partBytes);
    await fast.growing.write(fast.bytes);
    await finish(fast);
    await Promise.all(slow.map(finish));
  });

  it('never take all buffers straight to their places', async () => {
    const sizeBytes = 2 * SMALL_LIMITS.partBytes;
    const straight = await several(MOST_BUFFERS + 2, 'straight', sizeBytes, true);
    await sendInTurn(straight, CHUNK_BYTES);
    const other = await begin('other', sizeBytes);
    await other.growing.write(other.bytes);
    await finish(other);
    for (const { growing, bytes } of straight) await growing.write(bytes.subarray(CHUNK_BYTES));
    await Promise.all(straight.map(finish));
    expect(tested.buffers.inUse).toBe(0);
  });

  it('give their buffers back when they break off', async () => {
    const clients = await several(MOST_BUFFERS, 'slow', CHUNK_BYTES);
    await sendInTurn(clients, CHUNK_BYTES);
    for (const { growing } of clients) await growing.finish({ sync: false });
    expect(tested.buffers.inUse).toBe(0);
    for (const { key } of clients) await tested.driver.staging.discard(key);
  });
});
