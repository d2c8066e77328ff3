/** Work that is done a few at a time, while a bounded number waits. */
export interface Queue {
  /** Runs it when its turn comes; undefined, at once, where too many wait already. */
  run<Result>(work: () => Promise<Result>): Promise<Result> | undefined;
}

export function createQueue({ atOnce, waiting }: { readonly atOnce: number; readonly waiting: number }): Queue {
  const next: (() => void)[] = [];
  let running = 0;

  async function turn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running >= atOnce) await new Promise<void>((resolve) => next.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const first = next.shift();
      if (first)
        first(); // takes over this one's place
      else running -= 1;
    }
  }

  return { run: (work) => (running >= atOnce && next.length >= waiting ? undefined : turn(work)) };
}
