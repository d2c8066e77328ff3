import { describe, expect, it, jest } from '@jest/globals';
import { LineSink } from './line-sink.ts';

type Done = (error?: Error | null) => void;

/** An output whose writes end when the test says so, and a `defer` that runs when the test says so. */
function setUp(maxBytes?: number) {
  const writes: { chunk: string; done: Done }[] = [];
  const work: (() => void)[] = [];
  const onDropped = jest.fn<(count: number) => void>();
  const sink = new LineSink(
    { write: (chunk: string, done: Done) => writes.push({ chunk, done }) },
    { onDropped, chunkBytes: 4096, defer: (run) => work.push(run), ...(maxBytes !== undefined && { maxBytes }) },
  );
  const turn = () => work.splice(0).forEach((run) => run());
  const finish = (error?: Error) => {
    writes.at(-1)?.done(error);
    turn();
  };
  return { sink, writes, turn, finish, onDropped };
}

describe('LineSink', () => {
  it('writes nothing on the path of the caller', () => {
    const { sink, writes, turn } = setUp();
    sink.write('a\n');
    sink.write('b\n');
    expect(writes).toHaveLength(0);
    turn();
    expect(writes.map(({ chunk }) => chunk)).toEqual(['a\nb\n']);
  });

  it('keeps each chunk within its limit, in whole lines', () => {
    const { sink, writes, turn, finish } = setUp();
    const line = `${'ä'.repeat(499)}xx\n`; // 1001 bytes
    for (let count = 0; count < 10; count += 1) sink.write(line);
    turn();
    for (let count = 0; count < 3; count += 1) finish();
    expect(writes.map(({ chunk }) => Buffer.byteLength(chunk))).toEqual([4004, 4004, 2002]);
    expect(writes.map(({ chunk }) => chunk).join('')).toBe(line.repeat(10));
  });

  it('catches up within one round of the event loop when the output keeps up', () => {
    const { sink, writes, turn } = setUp();
    for (let count = 0; count < 10; count += 1) sink.write(`${'x'.repeat(4000)}\n`);
    turn();
    for (let count = 0; count < 10; count += 1) writes[count]?.done();
    expect(writes).toHaveLength(10);
  });

  it('has one write under way at a time', () => {
    const { sink, writes, turn, finish } = setUp();
    sink.write('a\n');
    turn();
    sink.write('b\n');
    turn();
    expect(writes).toHaveLength(1);
    finish();
    expect(writes.map(({ chunk }) => chunk)).toEqual(['a\n', 'b\n']);
  });

  it('drops what does not fit while the output is stuck, and tells the count when it moves again', () => {
    const { sink, writes, turn, finish, onDropped } = setUp(10);
    sink.write('12345678\n');
    turn();
    sink.write('lost\n');
    sink.write('lost\n');
    expect(onDropped).not.toHaveBeenCalled();
    finish();
    expect(onDropped.mock.calls).toEqual([[2]]);
    expect(writes.map(({ chunk }) => chunk).join('')).not.toContain('lost');
  });

  it('counts the lines of a failed write and goes on without a report to a dead output', () => {
    const { sink, writes, turn, finish, onDropped } = setUp();
    sink.write('a\n');
    sink.write('b\n');
    turn();
    finish(new Error('EPIPE'));
    expect(onDropped).not.toHaveBeenCalled();
    sink.write('c\n');
    turn();
    finish();
    expect(writes).toHaveLength(2);
    expect(onDropped.mock.calls).toEqual([[2]]);
  });

  it('survives an output that throws', async () => {
    const sink = new LineSink(
      {
        write() {
          throw new Error('ENOSPC');
        },
      },
      { onDropped: () => undefined, chunkBytes: 4096 },
    );
    sink.write('a\n');
    await expect(sink.drained()).resolves.toBeUndefined();
  });

  it('is drained once the last write ended, not before', async () => {
    const { sink, turn, finish } = setUp();
    await sink.drained();
    sink.write('a\n');
    let drained = false;
    const waiting = sink.drained().then(() => (drained = true));
    turn();
    await Promise.resolve();
    expect(drained).toBe(false);
    finish();
    await waiting;
    expect(drained).toBe(true);
  });

  it('hands over all that waits when the process ends', () => {
    const { sink, writes } = setUp();
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index} ${'x'.repeat(30)}\n`);
    for (const line of lines) sink.write(line);
    sink.drainNow();
    expect(writes.map(({ chunk }) => chunk).join('')).toBe(lines.join(''));
  });
});
