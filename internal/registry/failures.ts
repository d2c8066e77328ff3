import { CatalogError, type CatalogFailure } from '../catalog/index.ts';
import { StorageError, type StorageFailure } from '../storage/index.ts';
import { OciError, unreachable } from '../../pkg/oci/index.ts';

/** What a client hears when a room below could not: no room left, try again, ask less, or an internal error. */
function translate(failure: unknown): unknown {
  if (!(failure instanceof StorageError || failure instanceof CatalogError)) return failure;
  const reason: StorageFailure | CatalogFailure = failure.failure;
  switch (reason) {
    case 'full':
      return new OciError('STORAGE_FULL', [], failure);
    case 'busy':
      return new OciError('UNAVAILABLE', [], failure);
    case 'throttled':
      return new OciError('TOOMANYREQUESTS', [], failure);
    case 'newer':
    case 'broken':
      return new OciError('UNKNOWN', [], failure);
    default:
      return unreachable(reason);
  }
}

type Methods<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => Promise<R> : T[K];
};

/** The same methods, with failures of storage and catalog in the registry's own terms. The one place that does so. */
export function translated<T extends object>(methods: T): Methods<T> {
  const wrapped = Object.entries(methods).map(([name, method]: [string, unknown]) => [
    name,
    typeof method === 'function'
      ? (...args: unknown[]) =>
          (method(...args) as Promise<unknown>).catch((failure: unknown) => {
            throw translate(failure);
          })
      : method,
  ]);
  return Object.fromEntries(wrapped) as Methods<T>;
}
