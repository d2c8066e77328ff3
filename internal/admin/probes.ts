/** Resolves where a part of the server can do its work just now. */
export type Check = () => Promise<void>;

export interface ProbeReport {
  readonly status: 'ok' | 'unavailable';
  readonly checks: Readonly<Record<string, 'ok' | 'unavailable'>>;
}

const PATIENCE_MS = 5000;

async function passes(check: Check): Promise<boolean> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const late = new Promise<never>((_resolve, reject) => {
    timeout.addEventListener('abort', () => reject(timeout.reason as Error), { once: true });
  });
  return Promise.race([check(), late]).then(
    () => true,
    () => false,
  );
}

/** Asks every part at once; 200 where all answer within five seconds, else 503. Says nothing of why: the log does. */
export async function probe(checks: Readonly<Record<string, Check>>): Promise<{ status: number; report: ProbeReport }> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, (await passes(check)) ? 'ok' : 'unavailable'] as const),
  );
  const ready = results.every(([, state]) => state === 'ok');
  return {
    status: ready ? 200 : 503,
    report: { status: ready ? 'ok' : 'unavailable', checks: Object.fromEntries(results) },
  };
}
