import type { Load, LoadResult } from './load.ts';

/** What a generator is told: to get ready for a load, and then to go. */
export type ToGenerator = Readonly<{ kind: 'prepare'; load: Load }> | Readonly<{ kind: 'go' }>;

/** What a generator tells. */
export type FromGenerator =
  | Readonly<{ kind: 'ready' }>
  | Readonly<{ kind: 'done'; result: LoadResult }>
  | Readonly<{ kind: 'failed'; message: string }>;
