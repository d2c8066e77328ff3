import { runUnderLease, type LeaseDeps, type LeasedTurn, type LeasedWork } from './leased-run.ts';

/** `busy`: another has the lease, here or elsewhere. */
export type Begun<Result> = Readonly<{ kind: 'busy' }> | Readonly<{ kind: 'begun'; done: Promise<Result> }>;

/** Runs that somebody asked for, which all end when whoever carries them out is closed. */
export interface RunGroup {
  /** Aborted by `close`. */
  readonly signal: AbortSignal;
  /** Runs something; its signal ends it, with `stop` and at `close`. */
  run<Result>(act: (signal: AbortSignal) => Promise<Result>, stop?: AbortSignal): Promise<Result>;
  /**
   * The same under a lease, for who need not wait for its end. It is done only when the lease is given back: whoever
   * waited for that may begin the next. Throws what the store of leases threw.
   */
  begin<Result>(work: LeasedWork<Result>, lease: LeaseDeps, stop?: AbortSignal): Promise<Begun<Result>>;
  /** Ends what runs, and resolves when it has ended. */
  close(): Promise<void>;
}

/** `why` is what runs are told when they are ended. */
export function createRunGroup(why: string): RunGroup {
  const closing = new AbortController();
  const active = new Set<Promise<unknown>>();

  function run<Result>(act: (signal: AbortSignal) => Promise<Result>, stop?: AbortSignal): Promise<Result> {
    const going = act(stop ? AbortSignal.any([stop, closing.signal]) : closing.signal);
    active.add(going);
    const forget = (): void => void active.delete(going);
    going.then(forget, forget);
    return going;
  }

  function begin<Result>(work: LeasedWork<Result>, lease: LeaseDeps, stop?: AbortSignal): Promise<Begun<Result>> {
    const begun = Promise.withResolvers<Begun<Result>>();
    const done = Promise.withResolvers<Result>();
    done.promise.catch(() => undefined); // not everybody waits for it
    const announced: LeasedWork<Result> = {
      ...work,
      run: (until) => {
        begun.resolve({ kind: 'begun', done: done.promise });
        return work.run(until);
      },
    };
    const end = (turn: LeasedTurn<Result>): void =>
      turn.kind === 'ran' ? done.resolve(turn.result) : begun.resolve({ kind: 'busy' });
    const fail = (failure: unknown): void => {
      begun.reject(failure); // or it has begun
      done.reject(failure);
    };
    void run((signal) => runUnderLease(announced, signal, lease), stop).then(end, fail);
    return begun.promise;
  }

  return {
    signal: closing.signal,
    run,
    begin,
    async close() {
      closing.abort(new Error(why));
      await Promise.allSettled(active);
    },
  };
}
