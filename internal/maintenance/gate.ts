/** Lets so many act at a time, and the others wait for their turn in the order in which they came. */
export function createGate(limit: number): <Result>(act: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let acting = 0;

  return async (act) => {
    if (acting >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else acting += 1;
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next)
        next(); // to whom the place goes over
      else acting -= 1;
    }
  };
}
