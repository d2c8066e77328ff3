/**
 * Acts on every item, on up to `atOnce` of them at a time. Where one fails no more are begun, and the first failure is
 * thrown when all that had begun have ended.
 */
export async function forEach<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const state = { failed: false };

  async function work(): Promise<void> {
    try {
      while (!state.failed) {
        const { done, value } = await source.next();
        if (done) return;
        await act(value);
      }
    } catch (failure) {
      state.failed = true;
      throw failure;
    }
  }

  const workers = await Promise.allSettled(Array.from({ length: atOnce }, work));
  const broken = workers.find((worker) => worker.status === 'rejected');
  if (!broken) return;
  await source.return?.();
  throw broken.reason;
}
