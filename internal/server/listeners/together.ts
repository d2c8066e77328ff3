import type { Listener } from './http.ts';

/** Several listeners as one; port and addresses are the first one's. */
export function together(listeners: readonly [Listener, ...Listener[]]): Listener {
  const [{ port, addresses }] = listeners;
  return {
    port,
    addresses,
    setTls(pair) {
      for (const each of listeners) each.setTls(pair);
    },
    async drain() {
      await Promise.all(listeners.map((each) => each.drain()));
    },
    cut() {
      for (const each of listeners) each.cut();
    },
  };
}

/** Opens all of them, or none. */
export async function openEach<Wanted>(
  wanted: readonly Wanted[],
  open: (each: Wanted) => Promise<Listener>,
): Promise<readonly Listener[]> {
  const opened: Listener[] = [];
  try {
    for (const each of wanted) opened.push(await open(each));
    return opened;
  } catch (failure) {
    for (const each of opened) each.cut();
    await Promise.all(opened.map((each) => each.drain()));
    throw failure;
  }
}
