import type { Catalog, CatalogFailure } from '../catalog/index.ts';
import { CatalogError } from '../catalog/index.ts';
import type { Driver } from '../storage/driver.ts';
import { StorageError, type StorageFailure } from '../storage/index.ts';

// A suite by its name only because nothing but tests may import it.

/** Makes one call fail. Calls are counted from 1, those to storage and those to the catalog each on their own. */
export class Faults {
  calls = 0;
  #at = 0;
  #make: () => Error = () => new Error('no fault');
  #afterwards = false;

  /** The `at`-th call from now on fails; `afterwards`: it does what it should, and only its answer is lost. */
  arm(at: number, make: () => Error, afterwards = false): void {
    this.calls = 0;
    this.#at = at;
    this.#make = make;
    this.#afterwards = afterwards;
  }

  disarm(): void {
    this.#at = 0;
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    this.calls += 1;
    if (this.calls !== this.#at) return act();
    const failure = this.#make();
    if (this.#afterwards) await act();
    throw failure;
  }
}

export const storageFault = (failure: StorageFailure) => () => new StorageError(failure, 'EIO: /srv/octo/blobs');
export const catalogFault = (failure: CatalogFailure) => () =>
  new CatalogError(failure, 'SQLITE_FULL: insert into tags');

type Methods = Record<string, (...args: never[]) => Promise<unknown>>;

function faulty<T extends object>(faults: Faults, methods: T, names: readonly (keyof T)[]): T {
  const wrapped = names.map((name) => {
    const method = (methods as unknown as Methods)[name as string]!;
    return [name, (...args: never[]) => faults.run(() => method(...args))] as const;
  });
  return { ...methods, ...Object.fromEntries(wrapped) };
}

/** A driver each of whose calls may be the one that fails, those on growing objects included. */
export function faultyDriver(faults: Faults) {
  return (driver: Driver): Driver => {
    const staging = faulty(faults, driver.staging, ['open', 'publish', 'discard']);
    return {
      ...driver,
      objects: faulty(faults, driver.objects, ['stat', 'open', 'put', 'remove']),
      staging: {
        ...staging,
        grow: (...args) =>
          faults.run(async () => {
            const growing = await driver.staging.grow(...args);
            return faulty(faults, growing, ['write', 'finish']);
          }),
      },
    };
  };
}

/** A catalog each of whose commands and queries may be the one that fails. */
export function faultyCatalog(faults: Faults) {
  return (catalog: Catalog): Catalog => ({
    ...catalog,
    run: (name, args) => faults.run(() => catalog.run(name, args)),
    queries: faulty(faults, catalog.queries, Object.keys(catalog.queries) as (keyof Catalog['queries'])[]),
  });
}
