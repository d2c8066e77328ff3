/** Resolves where a part of the server can do its work just now. */
export type Check = () => Promise<void>;

export interface ProbeReport {
  readonly status: 'ok' | 'unavailable';
  readonly checks: Readonly<Record<string, 'ok' | 'unavailable'>>;
}

const PATIENCE_MS = 5000;
/** A store that is only busy answers late: then what it last said counts, as long as that is recent. */
const BUSY_MS = 100;
const RECENT_MS = 10_000;

/** What the question comes to in time; undefined where it takes longer. */
function within(asked: Promise<boolean>, ms: number): Promise<boolean | undefined> {
  const timeout = AbortSignal.timeout(ms);
  const late = new Promise<undefined>((resolve) => {
    timeout.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([asked, late]);
}

/**
 * Asks, and gives the last answer where the new one takes its time; false where that is not recent either, and where
 * asking fails. However often it is asked, one question is under way.
 */
export function remember(ask: () => Promise<boolean>, clock: () => number): () => Promise<boolean> {
  let questions = 0;
  let last = { answer: false, atMs: Number.NEGATIVE_INFINITY };
  let asking: { readonly answer: Promise<boolean>; readonly sinceMs: number } | undefined;

  async function askNow(): Promise<boolean> {
    const own = (questions += 1);
    const answer = await ask().catch(() => false);
    last = { answer, atMs: clock() };
    if (questions === own) asking = undefined;
    return answer;
  }

  return async () => {
    // One that never ends is not waited for by all that come.
    if (!asking || clock() - asking.sinceMs > PATIENCE_MS) asking = { answer: askNow(), sinceMs: clock() };
    const isRecent = (): boolean => clock() - last.atMs <= RECENT_MS;
    const answer = await within(asking.answer, isRecent() ? BUSY_MS : PATIENCE_MS);
    return answer ?? (isRecent() && last.answer);
  };
}

/**
 * Asks every part at once; 200 where all answer within five seconds, or did so a moment ago and are busy now, else 503.
 * Says nothing of why: the log does.
 */
export function createProbe(
  checks: Readonly<Record<string, Check>>,
  clock: () => number,
): () => Promise<{ status: number; report: ProbeReport }> {
  const parts = Object.entries(checks).map(
    ([name, check]) =>
      [
        name,
        remember(async () => {
          await check();
          return true;
        }, clock),
      ] as const,
  );
  return async () => {
    const results = await Promise.all(
      parts.map(async ([name, passes]) => [name, (await passes()) ? 'ok' : 'unavailable'] as const),
    );
    const ready = results.every(([, state]) => state === 'ok');
    return {
      status: ready ? 200 : 503,
      report: { status: ready ? 'ok' : 'unavailable', checks: Object.fromEntries(results) },
    };
  };
}
