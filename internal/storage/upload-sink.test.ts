import { describe, expect, it } from '@jest/globals';
import type { Growing } from './driver.ts';
import type { RunningHash } from './hashing.ts';
import { SlotPool } from './slots.ts';
import { SlotWriter, UploadSink } from './upload-sink.ts';

const SLOT_BYTES = 64 * 1024;

function createWriter() {
  const clock = { nowMs: 0 };
  const written: number[] = [];
  const slots = new SlotPool(1, () => new Uint8Array(SLOT_BYTES));
  const growing: Growing = {
    write: async (bytes) => void written.push(bytes.length),
    finish: async () => undefined,
  };
  const writer = new SlotWriter(new UploadSink(growing, undefined, 0), slots, () => clock.nowMs);
  return { clock, written, slots, writer };
}

it('keeps no slot for a client that takes its time, until that brings much at once', async () => {
  const { clock, written, slots, writer } = createWriter();
  for (let second = 0; second < 8; second += 1) {
    await writer.add(new Uint8Array(1024));
    clock.nowMs += 1000;
  }
  expect(slots.inUse).toBe(0);
  expect(written).toEqual([6 * 1024, 1024, 1024]);
  await writer.add(new Uint8Array(32 * 1024));
  expect(slots.inUse).toBe(1);
  await writer.finish();
  await writer.release();
  expect(slots.inUse).toBe(0);
  expect(written.at(-1)).toBe(32 * 1024);
});

it('keeps a slot for a client that is quick, however little it brings at a time', async () => {
  const { clock, written, slots, writer } = createWriter();
  for (let count = 0; count < 63; count += 1) {
    await writer.add(new Uint8Array(1024));
    clock.nowMs += 10;
  }
  expect(slots.inUse).toBe(1);
  expect(written).toEqual([]);
  await writer.add(new Uint8Array(1024));
  await writer.finish();
  expect(written).toEqual([SLOT_BYTES]);
  await writer.release();
});

describe('a sink', () => {
  const calls: string[] = [];
  const ends: { name: string; end: (failure?: Error) => void }[] = [];
  const begin = (name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      calls.push(name);
      ends.push({ name, end: (failure) => (failure ? reject(failure) : resolve()) });
    });
  const endOf = async (name: string, failure?: Error): Promise<void> => {
    ends.find((one) => one.name === name)?.end(failure);
    await new Promise(setImmediate);
  };
  const growing: Growing = { write: ([name]) => begin(`write ${name}`), finish: async () => undefined };
  const hash: RunningHash = {
    runs: 'thread',
    alive: true,
    update: ([name]) => begin(`hash ${name}`),
    digest: async () => '',
    drop: () => undefined,
  };
  const createSink = (): UploadSink => {
    [calls.length, ends.length] = [0, 0];
    return new UploadSink(growing, hash, 100);
  };

  it('hashes on while it writes one piece after the other, and has come as far as both', async () => {
    const sink = createSink();
    const done = [sink.write(Uint8Array.of(1)), sink.write(Uint8Array.of(2))];
    await new Promise(setImmediate);
    expect(calls).toEqual(['hash 1', 'hash 2', 'write 1']);
    await endOf('write 1');
    expect([calls.at(-1), sink.offsetBytes]).toEqual(['write 2', 100]);
    await endOf('hash 2');
    await endOf('write 2');
    expect(sink.offsetBytes).toBe(100);
    await endOf('hash 1');
    await Promise.all(done);
    expect(sink.offsetBytes).toBe(102);
  });

  it('writes nothing after what failed', async () => {
    const sink = createSink();
    const done = Promise.allSettled([sink.write(Uint8Array.of(1)), sink.write(Uint8Array.of(2))]);
    await new Promise(setImmediate);
    await endOf('hash 1');
    await endOf('hash 2');
    await endOf('write 1', new Error('no room'));
    const failed = expect.objectContaining({ status: 'rejected', reason: new Error('no room') });
    expect(await done).toEqual([failed, failed]);
    expect(calls).not.toContain('write 2');
    expect(sink.offsetBytes).toBe(100);
  });
});
