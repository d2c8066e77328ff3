import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import type { Driver, Key } from '../driver.ts';
import { bytesOf, endClean, failureIn, newUploadId, readOnce } from '../fixtures.suite.ts';
import { blobKey, uploadKey, UPLOADS } from '../layout.ts';
import { openTestedS3, SMALL_LIMITS, type TestedS3 } from './fixtures.suite.ts';

const FIRST = bytesOf(400_000);
const REST = bytesOf(300_000, 'rest');
const WHOLE = Buffer.concat([FIRST, REST]);

/** Two processes on one bucket, each with a driver of its own: what they know of each other is the state. */
describe('an upload that another process goes on with', () => {
  let tested: TestedS3;
  let one: Driver;
  let other: Driver;
  let upload: Key;
  const to = blobKey(digestOf(WHOLE));
  const append = async (driver: Driver, at: number, bytes: Uint8Array, state?: string): Promise<string | undefined> => {
    const growing = await driver.staging.grow(upload, at, state);
    for (let from = 0; from < bytes.length; from += 90_000) await growing.write(bytes.subarray(from, from + 90_000));
    return growing.finish({ sync: true });
  };
  const stored = (): Promise<Buffer | undefined> => readOnce(other.objects.open(to));
  const left = async (): Promise<readonly Key[]> => {
    const keys: Key[] = [];
    for await (const { key } of one.objects.list(UPLOADS)) keys.push(key);
    return keys;
  };

  beforeEach(async () => {
    tested = await openTestedS3();
    one = tested.driver;
    other = await tested.openAgain();
    upload = uploadKey(newUploadId());
  });
  afterEach(() => endClean(tested));

  it('is read, grows, is published and removed there', async () => {
    const first = await append(one, 0, FIRST);
    const whole = await append(other, FIRST.length, REST, first);
    expect((await readOnce(one.staging.open(upload, WHOLE.length, whole)))?.equals(WHOLE)).toBe(true);
    await other.staging.publish(upload, to, WHOLE.length, whole);
    expect((await stored())?.equals(WHOLE)).toBe(true);
    await one.staging.discard(upload, whole);
    expect(await left()).toEqual([]);
  });

  it.each(['pieces', 'straight'])('can be sent again where its parts are given up while it sends: %s', async (how) => {
    const destination = how === 'straight' ? { key: to, sizeBytes: WHOLE.length } : undefined;
    const growing = await one.staging.grow(upload, 0, undefined, destination);
    await growing.write(WHOLE.subarray(0, 300_000));
    await growing.write(WHOLE.subarray(300_000, 310_000));
    for (const { name, id } of tested.server.store.uploads.values()) tested.server.store.abort(name, id);
    const rest = async (): Promise<unknown> => {
      await growing.write(WHOLE.subarray(310_000));
      const state = await growing.finish({ sync: false });
      return one.staging.publish(upload, to, WHOLE.length, state);
    };
    expect(await failureIn(rest())).toMatchObject({ name: 'StorageError', failure: 'busy' });
    await growing.finish({ sync: false }).catch(() => undefined);
    await one.staging.discard(upload);
    expect([await stored(), await left()]).toEqual([undefined, []]);
  });

  it('is removed with all that there is of it once it is in a list, whatever of that is known here', async () => {
    await append(one, 0, FIRST);
    await append(other, 0, REST);
    // Begun twice, since the answer to the first time was lost.
    tested.server.store.begin(`${upload}/0-lost`);
    expect(await left()).toEqual([upload]);
    await one.staging.discard(upload);
    expect([await left(), tested.server.store.uploads.size]).toEqual([[], 0]);
  });

  it('is not touched by the one that lost it and writes on', async () => {
    const first = await append(one, 0, FIRST);
    const zombie = await one.staging.grow(upload, FIRST.length, first);
    await zombie.write(bytesOf(REST.length, 'zombie'));
    const whole = await append(other, FIRST.length, REST, first);
    await zombie.write(bytesOf(REST.length, 'zombie again'));
    await zombie.finish({ sync: true });
    await other.staging.publish(upload, to, WHOLE.length, whole);
    expect((await stored())?.equals(WHOLE)).toBe(true);
    await other.staging.discard(upload, whole);
    expect(await left()).toEqual([upload]); // the zombie's, which the sweep finds
    await other.staging.discard(upload);
    expect(await left()).toEqual([]);
  });

  it('goes on after the one before died in the middle of a part, and the sweep finds what that left', async () => {
    const first = await append(one, 0, FIRST);
    const dead = await one.staging.grow(upload, FIRST.length, first);
    await dead.write(bytesOf(2 * SMALL_LIMITS.partBytes + 5, 'dead')); // and never heard of again
    const whole = await append(other, FIRST.length, REST, first);
    await other.staging.publish(upload, to, WHOLE.length, whole);
    await other.staging.discard(upload, whole);
    expect((await stored())?.equals(WHOLE)).toBe(true);
    expect(await left()).toEqual([upload]);
    await other.staging.discard(upload);
    expect(await left()).toEqual([]);
    await expect(dead.finish({ sync: true })).rejects.toMatchObject({ name: 'StorageError' });
  });

  it('goes on from an offset within what was written, in the middle of a piece', async () => {
    const state = await append(one, 0, Buffer.concat([FIRST, bytesOf(200_000, 'not acknowledged')]));
    const whole = await append(other, FIRST.length, REST, state);
    await other.staging.publish(upload, to, WHOLE.length, whole);
    expect((await stored())?.equals(WHOLE)).toBe(true);
    await other.staging.discard(upload, whole);
    expect(await left()).toEqual([]);
  });

  it('is put together again and again where it comes in many small pieces', async () => {
    let state: string | undefined;
    const bytes = bytesOf(40_000);
    for (let at = 0; at < bytes.length; at += 1000) {
      state = await append(at % 2000 ? one : other, at, bytes.subarray(at, at + 1000), state);
      expect((JSON.parse(state ?? '') as { pieces: unknown[] }).pieces.length).toBeLessThanOrEqual(5);
    }
    await one.staging.publish(upload, blobKey(digestOf(bytes)), bytes.length, state);
    expect((await readOnce(one.objects.open(blobKey(digestOf(bytes)))))?.equals(bytes)).toBe(true);
    await one.staging.discard(upload, state);
    expect(await left()).toEqual([]);
  });

  it('does not take what it was to replace for itself, where its parts were given up', async () => {
    await one.objects.put(to, bytesOf(WHOLE.length, 'damaged'));
    const growing = await one.staging.grow(upload, 0, undefined, { key: to, sizeBytes: WHOLE.length });
    await growing.write(WHOLE);
    const state = await growing.finish({ sync: false });
    for (const { name, id } of tested.server.store.uploads.values()) tested.server.store.abort(name, id);
    const publishing = one.staging.publish(upload, to, WHOLE.length, state, true);
    expect(await failureIn(publishing)).toMatchObject({ name: 'StorageError', failure: 'busy' });
    await one.staging.discard(upload, state);
  });

  it('is published twice at once, by both', async () => {
    const state = await append(one, 0, WHOLE);
    await Promise.all([one, other].map((driver) => driver.staging.publish(upload, to, WHOLE.length, state)));
    expect((await stored())?.equals(WHOLE)).toBe(true);
    await one.staging.discard(upload, state);
  });

  it('is lost where its pieces are gone', async () => {
    const lost = { failure: 'broken', lost: true };
    for (const bytes of [FIRST, WHOLE, bytesOf(3_000_000)]) {
      const state = await append(one, 0, bytes);
      await other.staging.discard(upload);
      await expect(one.staging.publish(upload, to, bytes.length, state)).rejects.toMatchObject(lost);
      await expect(one.staging.publish(upload, to, 5, state)).rejects.toMatchObject(lost);
      await expect(readOnce(one.staging.open(upload, bytes.length, state))).rejects.toMatchObject(lost);
    }
    await expect(one.staging.grow(upload, 1)).rejects.toMatchObject(lost);
  });
});

describe('what goes straight to its place', () => {
  let tested: TestedS3;
  let upload: Key;
  let nowMs: number;
  const to = blobKey(digestOf(WHOLE));
  const begin = async (driver: Driver): Promise<string | undefined> => {
    const growing = await driver.staging.grow(upload, 0, undefined, { key: to, sizeBytes: WHOLE.length });
    await growing.write(WHOLE);
    return growing.finish({ sync: false });
  };

  beforeEach(async () => {
    nowMs = Date.now();
    tested = await openTestedS3({ clock: () => nowMs });
    upload = uploadKey(newUploadId());
  });
  afterEach(() => endClean(tested));

  it('is to be sent again where it was removed before its name was known', async () => {
    const { staging, objects } = tested.driver;
    const state = await begin(tested.driver);
    await staging.publish(upload, to, WHOLE.length, state);
    await objects.remove(to);
    await expect(staging.publish(upload, to, WHOLE.length, state)).rejects.toMatchObject({ failure: 'busy' });
    await staging.discard(upload, state);
  });

  it('neither grows nor is published elsewhere', async () => {
    const { staging } = tested.driver;
    const state = await begin(tested.driver);
    const broken = { failure: 'broken' };
    const elsewhere = blobKey(digestOf(FIRST));
    await expect(staging.publish(upload, elsewhere, WHOLE.length, state)).rejects.toMatchObject(broken);
    await expect(staging.publish(upload, to, 5, state)).rejects.toMatchObject(broken);
    await expect(staging.grow(upload, 5, state)).rejects.toMatchObject(broken);
    await expect(staging.open(upload, 5, state)).rejects.toMatchObject(broken);
    await staging.discard(upload, state);
  });

  it('is removed by another process that knows its state', async () => {
    const state = await begin(tested.driver);
    const other = await tested.openAgain();
    await other.staging.discard(upload, state);
    expect(tested.server.store.uploads.size).toBe(0);
  });

  it('is swept when nothing was written to it for long, and not before', async () => {
    const other = await tested.openAgain();
    const begunMs = nowMs;
    await begin(tested.driver);
    const [begun] = tested.server.store.uploads.values();
    nowMs += 10_000;
    const last = [...(begun?.parts ?? [])].at(-1);
    begun?.parts.set(last?.[0] ?? 0, { ...last![1], modifiedMs: nowMs }); // it went on for so long
    expect(await other.staging.sweep?.(begunMs)).toBe(0);
    expect(await other.staging.sweep?.(begunMs + 1)).toBe(0);
    expect(await other.staging.sweep?.(nowMs + 1)).toBe(1);
    expect(tested.server.store.uploads.size).toBe(0);
  });

  it('is not swept when it was only just begun', async () => {
    const { id } = tested.server.store.begin(to);
    expect(await tested.driver.staging.sweep?.(nowMs)).toBe(0);
    expect(await tested.driver.staging.sweep?.(nowMs + 1)).toBe(1);
    expect(tested.server.store.uploads.has(id)).toBe(false);
  });

  it('fails where more comes than was announced', async () => {
    const { staging } = tested.driver;
    const most = SMALL_LIMITS.partBytes * SMALL_LIMITS.mostParts;
    const growing = await staging.grow(upload, 0, undefined, { key: to, sizeBytes: most });
    const failure = await failureIn(growing.write(bytesOf(most + 1)));
    expect(failure).toMatchObject({ name: 'StorageError', failure: 'broken' });
    await expect(growing.finish({ sync: false })).rejects.toBe(failure);
    await staging.discard(upload);
  });
});
