import { Transform } from 'node:stream';
import type { Writer } from '../../internal/cli/index.ts';
import { formatSize } from './words.ts';

const CELLS = 30;
const REDRAWN_MS = 100;

/** One drawing of it: `Uploading: [=====     ] 50.0% 1.0 KiB/2.0 KiB`, and without a known length the bytes alone. */
export function drawBar(verb: string, doneBytes: number, allBytes: number | undefined): string {
  if (allBytes === undefined) return `${verb}: ${formatSize(doneBytes)}`;
  const part = allBytes === 0 ? 1 : Math.min(1, doneBytes / allBytes);
  const cells = '='.repeat(Math.round(part * CELLS)).padEnd(CELLS);
  return `${verb}: [${cells}] ${(part * 100).toFixed(1)}% ${formatSize(doneBytes)}/${formatSize(allBytes)}`;
}

export interface BarOptions {
  /** `Uploading`. */
  readonly verb: string;
  readonly sizeBytes: number | undefined;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
}

/** Passes bytes on, and shows on a terminal how many; nobody else is told. */
export function createBar(stderr: Writer, { verb, sizeBytes, ticks }: BarOptions): Transform {
  let done = 0;
  let drawnTicks = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    if (stderr.isTTY !== true) return;
    drawnTicks = ticks();
    stderr.write(`\r${drawBar(verb, done, sizeBytes)}`);
  };
  return new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length;
      if (ticks() - drawnTicks >= REDRAWN_MS) draw();
      next(null, chunk);
    },
    flush(next) {
      draw();
      if (stderr.isTTY === true) stderr.write('\n');
      next();
    },
  });
}
