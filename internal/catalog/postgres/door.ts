import { CatalogError } from '../types.ts';
import { toCatalogError } from './failures.ts';

/**
 * What everything that is asked of the catalog goes through. What comes before it closes is finished, what comes later is
 * refused; whatever fails inside comes out as a CatalogError.
 */
export interface Door {
  readonly admit: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Resolves when all that was let in has come to its end. */
  readonly close: () => Promise<void>;
}

export function createDoor(): Door {
  const inside = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    admit: async (work) => {
      if (isClosed) throw new CatalogError('broken', 'the catalog is closed');
      const result = work();
      inside.add(result);
      try {
        return await result;
      } catch (error) {
        throw toCatalogError(error);
      } finally {
        inside.delete(result);
      }
    },
    close: async () => {
      isClosed = true;
      await Promise.allSettled(inside);
    },
  };
}
