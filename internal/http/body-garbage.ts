import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Well below the 12 MiB that V8 lets a small heap grow by, such memory included, before it marks all of it: at 16 MiB a
 * gigabyte of body had it marked 65 times, which took as long as all else that was done with it
 * (enhancements/013-performance.md).
 */
const SWEPT_BYTES = 4 * 1024 * 1024;

/**
 * Node hands over each piece of a body, up to 64 KiB, in memory of its own, which hardly counts on the heap: the
 * collector comes late, and a large push leaves dead pieces by the hundred megabytes. So a collection of young objects
 * is asked for after every 4 MiB of body; it takes well under a millisecond. Gives what is to be told of each piece.
 */
export function createBodyGarbage(): (count: number) => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  let pending = 0;
  return (count) => {
    pending += count;
    if (pending < SWEPT_BYTES) return;
    pending = 0;
    collect({ type: 'minor' });
  };
}
