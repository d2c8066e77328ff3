import { describe, expect, it } from '@jest/globals';
import { createProgress, type ProgressOptions } from './progress.ts';

function watch(isTTY: boolean, more: Partial<ProgressOptions> = {}, columns?: number) {
  const written: string[] = [];
  const time = { nowMs: 0 };
  const stderr = { isTTY, ...(columns !== undefined && { columns }), write: (text: string) => written.push(text) };
  const options = { verb: 'Restored', noun: 'manifests', clock: () => time.nowMs, ...more };
  return { progress: createProgress({ stderr }, options), written, time };
}

describe('progress', () => {
  it('says how much is done of how much, how fast, and what is left', () => {
    const { progress, written, time } = watch(false);
    time.nowMs = 60_000; // it took so long to count
    progress.total(100_000);
    progress.done(5_000);
    time.nowMs += 10_000;
    progress.done(20_000);
    expect(written).toEqual(['Restored 25,000 of 100,000 manifests (25 %), 2,500 a second, about 30 s left\n']);
  });

  it('does without an end that it does not know', () => {
    const { progress, written, time } = watch(false);
    time.nowMs = 20_000;
    progress.done(3);
    expect(written).toEqual(['Restored 3 manifests, 0 a second\n']);
  });

  it('writes a line every ten seconds at most, and none where all is over before', () => {
    const { progress, written, time } = watch(false);
    for (time.nowMs = 0; time.nowMs < 35_000; time.nowMs += 100) progress.done(1);
    expect(written).toHaveLength(3);
    const short = watch(false);
    short.progress.done(1);
    short.progress.clear();
    expect(short.written).toEqual([]);
  });

  it('changes one line on a terminal, and takes it away when it is told to', () => {
    const { progress, written, time } = watch(true);
    time.nowMs = 1000;
    progress.done(1);
    progress.done(1);
    time.nowMs = 2000;
    progress.done(1);
    progress.clear();
    progress.clear();
    expect(written).toEqual([
      '\r\u{1b}[KRestored 1 manifests, 1 a second',
      '\r\u{1b}[KRestored 3 manifests, 2 a second',
      '\r\u{1b}[K',
    ]);
  });

  it('draws a bar on a terminal that knows the end, no longer than the terminal is wide', () => {
    const { progress, written, time } = watch(true, {}, 60);
    progress.total(100);
    time.nowMs = 1000;
    progress.done(50);
    time.nowMs = 2000;
    progress.done(60);
    expect(written).toEqual([
      '\r\u{1b}[K[##########          ] Restored 50 of 100 manifests (50 %),',
      '\r\u{1b}[K[####################] Restored 110 of 100 manifests (100 %',
    ]);
  });

  it.each([
    [7, '7 s'],
    [61, '2 min'],
    [3 * 3600 + 60, '3 h 1 min'],
  ])('estimates %i seconds as %s', (seconds, text) => {
    const { progress, written, time } = watch(false);
    progress.total(10 * (seconds + 10));
    time.nowMs = 10_000;
    progress.done(100);
    expect(written.join('')).toContain(`about ${text} left`);
  });

  it('writes pieces as it is told to', () => {
    const { progress, written, time } = watch(false, { format: (pieces) => `${pieces} B`, noun: 'of content' });
    time.nowMs = 10_000;
    progress.done(20);
    expect(written).toEqual(['Restored 20 B of content, 2 B a second\n']);
  });
});
