/** Something of another server, kept here for a while. */
export interface Kept<Value> {
  /** What is kept, fetched where there is nothing or it is too old. Throws where there is none to be had. */
  get(): Promise<Value>;
  /** Fetches it anew; whether something came. Without a call to the server where the last one is too short ago. */
  renew(): Promise<boolean>;
}

export interface KeptDeps<Value> {
  readonly fetch: () => Promise<Value>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** From when on it is fetched anew, while the old one still serves: a server that is away breaks nothing. */
  readonly freshMs: number;
  /** From when on the old one does not serve any more. */
  readonly usableMs: number;
  /** At most one call to the server in so long, whether it answers or not, and however many ask. */
  readonly cooldownMs: number;
}

/** Where there is nothing, and the server was asked so short ago that it is not asked again. */
export class CoolingDown extends Error {
  constructor(cause: unknown) {
    super('the other server gave no answer a moment ago', { cause });
    this.name = 'CoolingDown';
  }
}

export function createKept<Value>(deps: KeptDeps<Value>): Kept<Value> {
  const { fetch, clock, freshMs, usableMs, cooldownMs } = deps;
  let kept: { readonly value: Value; readonly sinceMs: number } | undefined;
  let underWay: Promise<Value> | undefined;
  let askedMs = -Infinity;
  let lastFailure: unknown;

  /** The call under way, or a new one; undefined while cooling down. */
  function ask(): Promise<Value> | undefined {
    if (underWay) return underWay;
    if (clock() - askedMs < cooldownMs) return undefined;
    askedMs = clock();
    underWay = fetch()
      .then((value) => {
        kept = { value, sinceMs: clock() };
        return value;
      })
      .catch((failure: unknown) => {
        lastFailure = failure;
        throw failure;
      })
      .finally(() => (underWay = undefined));
    return underWay;
  }

  return {
    async get() {
      const ageMs = kept ? clock() - kept.sinceMs : Infinity;
      if (kept && ageMs < freshMs) return kept.value;
      const asked = ask();
      if (kept && ageMs < usableMs) {
        asked?.catch(() => undefined); // the old one serves meanwhile
        return kept.value;
      }
      if (!asked) throw new CoolingDown(lastFailure);
      return asked;
    },
    async renew() {
      const before = kept;
      await ask()?.catch(() => undefined);
      return kept !== before;
    },
  };
}
