import type { Driver, Growing, Objects, Staging } from './driver.ts';
import { StorageError, type Content } from './types.ts';

/** The driver, whose failures are told in other words. What only some drivers can do beyond keeping objects is left out. */
export function tellingDriver(driver: Driver, tell: (failure: StorageError) => StorageError): Driver {
  const reword = (failure: unknown): unknown => (failure instanceof StorageError ? tell(failure) : failure);

  async function told<T>(acting: Promise<T>): Promise<T> {
    try {
      return await acting;
    } catch (failure) {
      throw reword(failure);
    }
  }
  async function* toldEach<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items;
    } catch (failure) {
      throw reword(failure);
    }
  }
  const content = (opened: Content): Content => ({
    sizeBytes: opened.sizeBytes,
    read: (range) => toldEach(opened.read(range)),
    close: () => opened.close(),
  });
  const growing = (grown: Growing): Growing => ({
    write: (chunk) => told(grown.write(chunk)),
    finish: (options) => told(grown.finish(options)),
  });

  const { objects, staging } = driver;
  const keys = objects.keys?.bind(objects);
  const tellingObjects: Objects = {
    stat: (key) => told(objects.stat(key)),
    open: async (key) => {
      const opened = await told(objects.open(key));
      return opened && content(opened);
    },
    put: (key, bytes) => told(objects.put(key, bytes)),
    remove: (key) => told(objects.remove(key)),
    ...(objects.removeAll && { removeAll: objects.removeAll.bind(objects) }),
    list: (prefix) => toldEach(objects.list(prefix)),
    ...(keys && { keys: (prefix) => toldEach(keys(prefix)) }),
  };
  const tellingStaging: Staging = {
    ...staging,
    grow: async (...args) => growing(await told(staging.grow(...args))),
    open: async (...args) => {
      const opened = await told(staging.open(...args));
      return opened && content(opened);
    },
    publish: (...args) => told(staging.publish(...args)),
    discard: (...args) => told(staging.discard(...args)),
  };
  return {
    name: driver.name,
    objects: tellingObjects,
    staging: tellingStaging,
    check: () => told(driver.check()),
    close: () => driver.close(),
  };
}
