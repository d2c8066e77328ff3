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

  it('keeps the event of a failed write from ending the process', () => {
    expect(setUp().on).toHaveBeenCalledWith('error', expect.any(Function));
  });
});
