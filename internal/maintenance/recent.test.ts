import { describe, expect, it } from '@jest/globals';
import { createRecent } from './recent.ts';

describe('what is remembered as recent', () => {
  it('is what came before', () => {
    const isRecent = createRecent(10);
    expect(['a', 'b', 'a', 'b'].map(isRecent)).toEqual([false, false, true, true]);
  });

  it('is forgotten, oldest first, where there is more than it may hold', () => {
    const isRecent = createRecent(2);
    expect(['a', 'b', 'c', 'b', 'c', 'a'].map(isRecent)).toEqual([false, false, false, true, true, false]);
  });
});
