/** Work of one name goes one after the other, that of others beside it. */
export interface Turns {
  /** Runs it when those before it of that name have ended; undefined, at once, where too many wait in all. */
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result> | undefined;
}

export function createTurns(mostWaiting: number): Turns {
  /** The last of each name that is not over. */
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;

  async function after<Result>(before: Promise<unknown>, work: () => Promise<Result>): Promise<Result> {
    waiting += 1;
    await before.catch(() => undefined); // its failure is its own
    waiting -= 1;
    return work();
  }

  return {
    run(name, work) {
      const before = last.get(name);
      if (before && waiting >= mostWaiting) return undefined;
      const turn = before ? after(before, work) : work();
      last.set(name, turn);
      const forget = (): void => void (last.get(name) === turn && last.delete(name));
      turn.then(forget, forget);
      return turn;
    },
  };
}
