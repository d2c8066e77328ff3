import { describe, expect, it } from '@jest/globals';
import { Backlog } from './backlog.ts';
import type { Entry } from './line.ts';
import type { Fields } from './types.ts';

function setUp() {
  const written: Entry[] = [];
  const work: (() => void)[] = [];
  const backlog = new Backlog({ write: (entry) => written.push(entry), defer: (run) => work.push(run) });
  let timeMs = 0;
  const put = (message: string, fields?: Fields, bound?: Fields) =>
    backlog.put({ level: 'info', timeMs: (timeMs += 1), message, bound, fields });
  const messages = () => written.map(({ message }) => message);
  return { backlog, put, written, messages, work, turn: () => work.splice(0).forEach((run) => run()) };
}

describe('Backlog', () => {
  it('has what came in a while written together, in order and with its times', () => {
    const { put, written, messages, work, turn } = setUp();
    for (const message of ['a', 'b', 'c']) put(message, { status: 200, ok: true, none: undefined, nil: null });
    expect(written).toHaveLength(0);
    expect(work).toHaveLength(1);
    turn();
    expect(messages()).toEqual(['a', 'b', 'c']);
    expect(written.map(({ timeMs }) => timeMs)).toEqual([1, 2, 3]);
  });

  it('writes an entry as it was when it came, whatever becomes of the object it was made of', () => {
    const { put, written, turn } = setUp();
    const fields = { count: 1 };
    put('a', fields);
    fields.count = 2;
    turn();
    expect(written[0]?.fields).toEqual({ count: 1 });
  });

  it.each([
    ['an error', { error: new Error('x') }, undefined],
    ['a list', { list: [] }, undefined],
    ['fields of its logger', {}, { job: 'gc' }],
  ])('writes at once what has %s, after all that waited', (_, fields, bound) => {
    const { put, messages, turn } = setUp();
    put('a');
    put('b', fields, bound);
    expect(messages()).toEqual(['a', 'b']);
    put('c');
    turn();
    expect(messages()).toEqual(['a', 'b', 'c']);
  });

  it.each(['warn', 'error', 'fatal'] as const)('writes a %s at once, after all that waited', (level) => {
    const { backlog, put, messages } = setUp();
    put('a');
    backlog.put({ level, timeMs: 2, message: 'b', bound: undefined, fields: undefined });
    expect(messages()).toEqual(['a', 'b']);
  });

  it('lets no more wait than a bounded number', () => {
    const { put, written, work } = setUp();
    for (let count = 0; count < 1000; count += 1) put('a');
    expect(1000 - written.length).toBeLessThan(256);
    expect(work).toHaveLength(1);
  });

  it('asks for its turn again when it had one', () => {
    const { put, messages, work, turn } = setUp();
    put('a');
    turn();
    put('b');
    expect(work).toHaveLength(1);
    turn();
    expect(messages()).toEqual(['a', 'b']);
  });

  it('writes all when it is told to, and nothing twice', () => {
    const { backlog, put, messages, turn } = setUp();
    put('a');
    backlog.writeAll();
    turn();
    expect(messages()).toEqual(['a']);
  });
});
