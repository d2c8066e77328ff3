/** Remembers so many keys, of which the oldest goes first: whether each that it is asked for is among them. */
export function createRecent(limit: number): (key: string) => boolean {
  const keys = new Set<string>();
  return (key) => {
    if (keys.has(key)) return true;
    keys.add(key);
    const [oldest] = keys;
    if (keys.size > limit && oldest !== undefined) keys.delete(oldest);
    return false;
  };
}
