import { expect, it } from '@jest/globals';
import type { Growing } from './driver.ts';
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
