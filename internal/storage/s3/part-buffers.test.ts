import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PartBuffers, type PartBuffer } from './part-buffers.ts';

describe('PartBuffers', () => {
  let nowMs: number;
  let buffers: PartBuffers;
  const take = (count: number): Promise<PartBuffer[]> =>
    Promise.all(Array.from({ length: count }, () => buffers.take()));
  /** Rests, and comes back as soon as it is called. */
  const restIn = (buffer: PartBuffer): ReturnType<typeof jest.fn> => {
    const giveWay = jest.fn(() => buffer.release());
    buffer.rest(giveWay);
    return giveWay;
  };

  beforeEach(() => {
    nowMs = 0;
    buffers = new PartBuffers(3, 16, () => nowMs);
  });

  it('lends buffers of the size of a part, and the same ones again', async () => {
    const [one] = await take(1);
    expect(one?.bytes).toHaveLength(16);
    expect(buffers.inUse).toBe(1);
    one?.release();
    expect(buffers.inUse).toBe(0);
    expect((await buffers.take()).bytes).toBe(one?.bytes);
  });

  it('lets whoever comes when all are on loan wait for the next one', async () => {
    const [one] = await take(3);
    const waiting = buffers.take();
    one?.release();
    expect((await waiting).bytes).toBe(one?.bytes);
    expect(buffers.inUse).toBe(3);
  });

  it('has plenty while less than half are on loan', async () => {
    await take(1);
    expect(buffers.plenty).toBe(true);
    await take(1);
    expect(buffers.plenty).toBe(false);
  });

  it('calls back the buffer of a slow client, the slowest first', async () => {
    const [slow, slower] = await take(3);
    const slowerCalled = restIn(slower!);
    const slowCalled = restIn(slow!);
    nowMs = 2000;
    expect((await buffers.take()).bytes).toBe(slower?.bytes);
    expect(slowerCalled).toHaveBeenCalledTimes(1);
    expect(slowCalled).not.toHaveBeenCalled();
    expect((await buffers.take()).bytes).toBe(slow?.bytes);
  });

  it('leaves a fast client its buffer while another one is about to come back', async () => {
    const [fast, other, flying] = await take(3);
    const called = [restIn(fast!), restIn(other!)];
    const waiting = buffers.take();
    for (const each of called) expect(each).not.toHaveBeenCalled();
    flying?.release();
    expect((await waiting).bytes).toBe(flying?.bytes);
  });

  it('calls one back where all rest, however short: nobody else would give one', async () => {
    const [one, two, three] = await take(3);
    const calledOne = restIn(one!);
    restIn(two!);
    const waiting = buffers.take();
    expect(calledOne).not.toHaveBeenCalled();
    restIn(three!);
    expect((await waiting).bytes).toBe(one?.bytes);
  });

  it('calls back no buffer that cannot give way, nor one that is in use again', async () => {
    const [fixed, awake, resting] = await take(3);
    fixed?.rest();
    const awakeCalled = restIn(awake!);
    awake?.wake();
    restIn(resting!);
    nowMs = 2000;
    expect((await buffers.take()).bytes).toBe(resting?.bytes);
    expect(awakeCalled).not.toHaveBeenCalled();
  });

  it('calls back as many as are waited for, each once', async () => {
    const all = await take(3);
    const called = all.map((each) => {
      const giveWay = jest.fn();
      each.rest(giveWay);
      return giveWay;
    });
    const waiting = [buffers.take(), buffers.take()];
    expect(called.map((each) => each.mock.calls.length)).toEqual([1, 1, 0]);
    all[0]?.rest(called[0]); // it was asked already
    all[0]?.release();
    all[1]?.release();
    await Promise.all(waiting);
    expect(called.map((each) => each.mock.calls.length)).toEqual([1, 1, 0]);
  });

  it('lends larger buffers too, within the same limit', async () => {
    const large = await buffers.take(2);
    expect(large.bytes).toHaveLength(32);
    expect(buffers.inUse).toBe(2);
    const [small] = await take(1);
    const waiting = buffers.take(2);
    small?.release();
    expect(buffers.inUse).toBe(2);
    large.release();
    expect((await waiting).bytes).toBe(large.bytes);
    expect(() => buffers.take(4)).toThrow(RangeError);
  });

  it('keeps no more idle than the limit either, and little when there is nothing to do', async () => {
    const small = await take(3);
    const isKept = ({ bytes }: PartBuffer): boolean => small.some((each) => each.bytes === bytes);
    small[0]?.release();
    small[1]?.release();
    const large = await buffers.take(2);
    large.release();
    expect((await take(2)).map(isKept)).toEqual([false, false]);
    small[2]?.release();

    buffers = new PartBuffers(4, 16, () => nowMs);
    const before = await take(4);
    for (const each of before) each.release();
    const after = await take(4);
    expect(after.filter(({ bytes }) => before.some((each) => each.bytes === bytes))).toHaveLength(2);

    buffers = new PartBuffers(4, 16, () => nowMs);
    const [one, other] = [await buffers.take(2), await buffers.take(2)];
    one.release();
    other.release();
    const next = [await buffers.take(2), await buffers.take(2)];
    expect(next.map(({ bytes }) => bytes === one.bytes || bytes === other.bytes)).toEqual([true, false]);
  });

  it('serves whoever came first, also where a later one wants less', async () => {
    const [one, two] = await take(3);
    const order: string[] = [];
    const large = buffers.take(2).then(() => order.push('large'));
    void buffers.take().then(() => order.push('small'));
    one?.release();
    two?.release();
    await large;
    expect(order).toEqual(['large']);
    expect(buffers.inUse).toBe(3);
  });
});
