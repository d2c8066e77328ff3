/** Something that was to be removed and may still be there. */
export interface Left<Item> {
  readonly item: Item;
  readonly cause: unknown;
}

/**
 * Removes one after the other, `atOnce` at a time, and begins with none any more when no time is left. Those that may
 * still be there.
 */
export async function removeEach<Item>(
  items: readonly Item[],
  atOnce: number,
  leftMs: () => number,
  remove: (item: Item) => Promise<unknown>,
): Promise<readonly Left<Item>[]> {
  const left: Left<Item>[] = [];
  const waiting = items.values(); // shared by all who take from it
  async function work(): Promise<void> {
    for (const item of waiting) {
      try {
        if (leftMs() <= 0) throw new Error('there was no time left');
        await remove(item);
      } catch (cause) {
        left.push({ item, cause });
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return left;
}
