import { describe, expect, it } from '@jest/globals';
import { cpuTicksOf, machineBusy, rssBytesOf, unwrittenBytesOf } from './processes.ts';

describe('what /proc says', () => {
  it('reads user and system time past a name that has spaces and parentheses', () => {
    const stat = '42 (a ) b (c) S 1 42 42 0 -1 4194560 2000 0 0 0 120 34 0 0 20 0 11 0 100 1 1 1';
    expect(cpuTicksOf(stat)).toBe(154);
  });

  it('reads resident memory in bytes, which a process that is ending has none of', () => {
    expect(rssBytesOf('Name:\tnode\nVmHWM:\t  9999 kB\nVmRSS:\t   2048 kB\nThreads:\t11\n')).toBe(2 * 1024 * 1024);
    expect(rssBytesOf('Name:\tnode\nState:\tZ (zombie)\n')).toBe(0);
  });

  it('adds up what is not on disk yet', () => {
    expect(unwrittenBytesOf('MemFree: 1 kB\nDirty:      100 kB\nWriteback:   28 kB\nWritebackTmp: 5 kB\n')).toBe(
      131_072,
    );
  });

  it.each([
    ['cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1', 'cpu  150 0 150 900 0 0 0 0 0 0\ncpu0 1', 0.5],
    ['cpu  0 0 0 0 0 0 0 0 0 0', 'cpu  0 0 0 50 50 0 0 0 0 0', 0],
    ['', '', 0],
  ])('tells how busy the machine was', (before, after, busy) => {
    expect(machineBusy(before, after)).toBeCloseTo(busy);
  });
});
