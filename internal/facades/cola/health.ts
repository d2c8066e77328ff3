/** Whether the store answers; what is wrong where it does not. */
export type Health = Readonly<{ kind: 'healthy' }> | Readonly<{ kind: 'unhealthy'; message: string }>;

const LONGEST_MS = 2000;
const KEPT_MS = 5000;

/** Asks at most once in five seconds, and waits for an answer no longer than two (contract 3.1). */
export function createHealth(check: () => Promise<void>, ticks: () => number): () => Promise<Health> {
  let known: { readonly health: Promise<Health>; readonly sinceMs: number } | undefined;

  async function ask(): Promise<Health> {
    const late = Promise.withResolvers<Health>();
    const timer = setTimeout(() => late.resolve({ kind: 'unhealthy', message: 'storage does not answer' }), LONGEST_MS);
    const asked = check().then(
      (): Health => ({ kind: 'healthy' }),
      (): Health => ({ kind: 'unhealthy', message: 'storage is not available' }),
    );
    try {
      return await Promise.race([asked, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  return () => {
    const nowMs = ticks();
    if (!known || nowMs - known.sinceMs >= KEPT_MS) known = { health: ask(), sinceMs: nowMs };
    return known.health;
  };
}
