import { Recent } from './recent.ts';

/** So many answers are remembered; base layers, for one, are asked for again and again. */
const REMEMBERED = 10_000;

/** The same function, asked once for each argument as long as its answer is remembered. */
export function remember<Key, Value>(find: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const known = new Recent<Key, Promise<Value>>(REMEMBERED);
  return (key) => {
    const remembered = known.get(key);
    if (remembered) return remembered;
    const asked = find(key);
    known.set(key, asked);
    return asked;
  };
}
