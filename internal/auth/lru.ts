/** Answers that are asked for again, at most `limit` of them; whoever asks meanwhile shares the question. */
export interface Lru<Value> {
  /** What is kept, else what `load` gives. A failure is not kept. */
  get(key: string, load: () => Promise<Value>): Promise<Value>;
}

export function createLru<Value>(limit: number): Lru<Value> {
  const entries = new Map<string, Promise<Value>>(); // in order of use, oldest first
  return {
    get: (key, load) => {
      const known = entries.get(key);
      entries.delete(key);
      const value = known ?? load();
      entries.set(key, value);
      if (!known) {
        value.catch(() => entries.get(key) === value && entries.delete(key));
        const [oldest] = entries.keys();
        if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
      }
      return value;
    },
  };
}
