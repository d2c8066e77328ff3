export interface Patience {
  readonly pause: (ms: number) => Promise<void>;
  /** 0 to 1, so that those who wait for each other do not keep step. */
  readonly random: () => number;
}

const MOST_ATTEMPTS = 8;
const FIRST_MS = 5;
const LONGEST_MS = 250;

/** Does the action again, a few times within about half a second, where its failure allows it; throws the last one. */
export async function retry<Result>(
  action: () => Promise<Result>,
  mayRepeat: (error: unknown) => boolean,
  { pause, random }: Patience,
): Promise<Result> {
  for (let attempt = 1, wait = FIRST_MS; ; attempt += 1, wait = Math.min(2 * wait, LONGEST_MS)) {
    try {
      return await action();
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !mayRepeat(error)) throw error;
    }
    await pause(wait * (0.5 + random()));
  }
}
