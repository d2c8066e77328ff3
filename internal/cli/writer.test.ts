import { describe, expect, it, jest } from '@jest/globals';
import { createWriter, type Stream } from './writer.ts';

function setUp(code?: string) {
  const written: string[] = [];
  const [onFailure, on] = [jest.fn(), jest.fn()];
  const stream: Stream = {
    isTTY: true,
    columns: 80,
    write(text, done) {
      written.push(text);
      done(code === undefined ? null : Object.assign(new Error(code), { code }));
    },
    on,
  };
  return { writer: createWriter(stream, onFailure), written, onFailure, on };
}

describe('createWriter', () => {
  it('writes to the stream, and knows whether people look at it', () => {
    const { writer, written, onFailure } = setUp();
    writer.write('a');
    expect(written).toEqual(['a']);
    expect(writer).toMatchObject({ isTTY: true, columns: 80 });
    expect(onFailure).not.toHaveBeenCalled();
  });

  it('tells of a result that could not be written, such as on a full disk', () => {
    const { writer, onFailure } = setUp('ENOSPC');
    writer.write('a');
    expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: 'ENOSPC' }));
  });

  it('does not mind a reader that has seen enough', () => {
    const { writer, onFailure } = setUp('EPIPE');
    writer.write('a');
    expect(onFailure).not.toHaveBeenCalled();
  });

  it('says when a slow reader has taken what was written', async () => {
    const taken: (() => void)[] = [];
    const stream: Stream = { write: (_, done) => taken.push(done), on: () => undefined };
    const writer = createWriter(stream, () => undefined);
    const order: string[] = [];
    writer.write('a');
    const flushed = writer.flushed?.().then((isRead) => order.push(isRead ? 'flushed' : 'lost'));
    await new Promise(setImmediate);
    order.push('taken');
    taken[0]?.();
    await flushed;
    expect(order).toEqual(['taken', 'flushed']);
  });

  it('says when nobody takes any more, tells why once, and writes no more', async () => {
    const { writer, written, onFailure } = setUp('ENOSPC');
    writer.write('a');
    expect(await writer.flushed?.()).toBe(false);
    writer.write('b');
    expect(await writer.flushed?.()).toBe(false);
    expect(written).toEqual(['a']);
    expect(onFailure).toHaveBeenCalledTimes(1);
  });

  it('keeps the event of a failed write from ending the process', () => {
    expect(setUp().on).toHaveBeenCalledWith('error', expect.any(Function));
  });
});
