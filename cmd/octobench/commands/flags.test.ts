import { describe, expect, it } from '@jest/globals';
import { countOf, roundFlags, textOf } from './flags.ts';

describe('flags', () => {
  it('have defaults', () => {
    expect(roundFlags({})).toEqual({
      durationMs: 3000,
      rounds: 5,
      warmupMs: 1000,
      settleMs: 10_000,
      processes: undefined,
      largeBytes: 1024 ** 3,
      tags: 10_000,
    });
  });

  it('are read as what they are', () => {
    const options = {
      duration: '1.5s',
      rounds: '3',
      warmup: '100ms',
      settle: '2s',
      processes: '2',
      large: '64MiB',
      tags: '500',
    };
    expect(roundFlags(options)).toEqual({
      durationMs: 1500,
      rounds: 3,
      warmupMs: 100,
      settleMs: 2000,
      processes: 2,
      largeBytes: 64 * 1024 * 1024,
      tags: 500,
    });
  });

  it.each([
    ['a count', () => countOf({ concurrency: '0' }, 'concurrency'), '--concurrency 0'],
    ['a count by its typed name', () => countOf({ comparePid: 'x' }, 'comparePid'), '--compare-pid x'],
    ['a duration', () => roundFlags({ duration: '3' }), '--duration 3'],
    ['a size', () => roundFlags({ large: '1G' }), '--large 1G'],
  ])('refuse what is no such thing: %s', (_what, read, message) => {
    expect(read).toThrow(expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) }));
  });

  it('know a switch from a text', () => {
    expect(textOf({ html: true }, 'html')).toBeUndefined();
  });
});
