import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createJobs, type Job, type Jobs, type JobsDeps, type LeaseStore } from './index.ts';

/** Leases of one table, as two processes see it. */
function fakeLeases() {
  const held = new Map<string, { holder: string; untilMs: number }>();
  const store: LeaseStore = {
    take: async (name, holder, nowMs, untilMs) => {
      const lease = held.get(name);
      if (lease && lease.holder !== holder && lease.untilMs > nowMs) return false;
      held.set(name, { holder, untilMs });
      return true;
    },
    drop: async (name, holder) => {
      if (held.get(name)?.holder === holder) held.delete(name);
    },
  };
  return { held, store };
}

/** A run that a test ends when it wants, or that ends when it is aborted. */
function heldRun() {
  const state = { runs: 0, atOnce: 0, most: 0, aborted: 0, end: () => undefined as void };
  const run: Job['run'] = (signal) => {
    state.runs += 1;
    state.atOnce += 1;
    state.most = Math.max(state.most, state.atOnce);
    return new Promise((resolve, reject) => {
      const leave = (how: () => void) => () => {
        state.atOnce -= 1;
        how();
      };
      state.end = leave(resolve);
      signal.addEventListener('abort', () => {
        state.aborted += 1;
        leave(() => reject(signal.reason as Error))();
      });
    });
  };
  return { state, run };
}

describe('jobs', () => {
  let leases: ReturnType<typeof fakeLeases>;
  let records: string[];
  let all: Jobs[];
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    leases = fakeLeases();
    records = [];
    all = [];
  });
  afterEach(async () => {
    await Promise.all(all.map((jobs) => jobs.stop()));
    jest.useRealTimers();
  });

  function create(holder = 'a', store = leases.store, isTold: JobsDeps['isTold'] = () => false): Jobs {
    const log = {
      info: (message: string) => void records.push(`info ${message}`),
      error: (message: string) => void records.push(`error ${message}`),
    };
    const jobs = createJobs({ leases: store, clock: () => Date.now(), log, holder, random: () => 0.5, isTold });
    all.push(jobs);
    return jobs;
  }
  const job = (run: Job['run'], more: Partial<Job> = {}): Job => ({
    name: 'job',
    intervalMs: 1000,
    leaseMs: 300,
    run,
    ...more,
  });
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('run soon after start and then at their interval, and not before start', async () => {
    const at: number[] = [];
    const jobs = create();
    jobs.every(job(async () => void at.push(Date.now())));
    await pass(5000);
    expect(at).toEqual([]);
    jobs.start();
    await pass(3000);
    expect(at).toEqual([5500, 6500, 7500]);
  });

  it('may be added after start', async () => {
    let runs = 0;
    const jobs = create();
    jobs.start();
    jobs.every(job(async () => void (runs += 1)));
    await pass(600);
    expect(runs).toBe(1);
  });

  it('are never run twice at once in a process, however they are asked', async () => {
    const { state, run } = heldRun();
    const jobs = create();
    jobs.every(job(run, { intervalMs: 10 }));
    jobs.start();
    const asked = [jobs.runNow('job'), jobs.runNow('job'), jobs.runNow('job')];
    await pass(100);
    expect(state.runs).toBe(1);
    state.end();
    await pass(0);
    expect(state.runs).toBe(2);
    state.end();
    expect(await Promise.all(asked)).toEqual(['ran', 'ran', 'ran']);
    expect(state.most).toBe(1);
  });

  it('asked for while one runs, are run again after it, once for all who asked', async () => {
    const { state, run } = heldRun();
    const jobs = create();
    jobs.every(job(run));
    const first = jobs.runNow('job');
    await pass(0);
    const later = [jobs.runNow('job'), jobs.runNow('job')];
    state.end();
    await first;
    await pass(0);
    state.end();
    expect(await Promise.all(later)).toEqual(['ran', 'ran']);
    expect(state.runs).toBe(2);
  });

  it('run in one process at a time, and the lease is given back at the end', async () => {
    const [mine, other] = [heldRun(), heldRun()];
    const [a, b] = [create('a'), create('b')];
    a.every(job(mine.run));
    b.every(job(other.run));
    const running = a.runNow('job');
    await pass(1000);
    expect(await b.runNow('job')).toBe('leased');
    expect(other.state.runs).toBe(0);
    mine.state.end();
    expect(await running).toBe('ran');
    expect(leases.held.size).toBe(0);
    void b.runNow('job').catch(() => undefined);
    await pass(0);
    expect(other.state.runs).toBe(1);
  });

  it('go on elsewhere when their holder died', async () => {
    leases.held.set('job', { holder: 'dead', untilMs: 10_000 });
    let runs = 0;
    const jobs = create();
    jobs.every(job(async () => void (runs += 1)));
    jobs.start();
    await pass(9000);
    expect(runs).toBe(0);
    await pass(2000);
    expect(runs).toBeGreaterThan(0);
  });

  it('are aborted when another process has the lease', async () => {
    const { state, run } = heldRun();
    const jobs = create();
    jobs.every(job(run));
    const running = jobs.runNow('job');
    const outcome = Promise.allSettled([running]);
    await pass(50);
    leases.held.set('job', { holder: 'thief', untilMs: 10_000 });
    await pass(100);
    expect((await outcome)[0]).toMatchObject({ reason: { message: 'the lease of job was lost' } });
    expect(state.aborted).toBe(1);
    expect(leases.held.get('job')?.holder).toBe('thief');
  });

  it('outlive a store that fails for a moment, and are aborted when the lease ran out meanwhile', async () => {
    const { state, run } = heldRun();
    let down = false;
    const jobs = create('a', {
      ...leases.store,
      take: (...args) => (down ? Promise.reject(new Error('down')) : leases.store.take(...args)),
    });
    jobs.every(job(run));
    const outcome = Promise.allSettled([jobs.runNow('job')]);
    await pass(150);
    down = true;
    await pass(100);
    expect(state.aborted).toBe(0);
    down = false;
    await pass(1000);
    expect(state.aborted).toBe(0);
    down = true;
    await pass(500);
    expect(state.aborted).toBe(1);
    await outcome;
  });

  it('that fail are tried again with growing pauses, and it is told once, and once when they work again', async () => {
    const at: number[] = [];
    let broken = true;
    const jobs = create();
    jobs.every(
      job(async () => {
        at.push(Date.now());
        if (broken) throw new Error('no');
      }),
    );
    jobs.start();
    await pass(16_000);
    expect(at).toEqual([500, 1500, 3500, 7500, 15_500]);
    expect(records).toEqual(['error job failed, it is tried again']);
    broken = false;
    await pass(16_000);
    expect(at.slice(5, 7)).toEqual([31_500]);
    await pass(1000);
    expect(at.slice(5)).toEqual([31_500, 32_500]);
    expect(records).toEqual(['error job failed, it is tried again', 'info job works again']);
  });

  it('are no record where their failure is told elsewhere, until they fail otherwise', async () => {
    let failure: Error | undefined = new Error('away');
    const jobs = create('a', leases.store, (error) => (error as Error).message === 'away');
    jobs.every(
      job(async () => {
        if (failure) throw failure;
      }),
    );
    jobs.start();
    await pass(4000);
    expect(records).toEqual([]);
    failure = new Error('no');
    await pass(16_000);
    expect(records).toEqual(['error job failed, it is tried again']);
    failure = undefined;
    await pass(60_000);
    expect(records).toEqual(['error job failed, it is tried again', 'info job works again']);
  });

  it('that lost their lease say why it could not be renewed', async () => {
    const { run } = heldRun();
    let down = false;
    const away = new Error('away');
    const jobs = create('a', {
      ...leases.store,
      take: (...args) => (down ? Promise.reject(away) : leases.store.take(...args)),
    });
    jobs.every(job(run));
    const outcome = Promise.allSettled([jobs.runNow('job')]);
    await pass(50);
    down = true;
    await pass(1000);
    expect((await outcome)[0]).toMatchObject({ reason: { message: 'the lease of job was lost', cause: away } });
  });

  it('fail the caller of runNow with what the job threw', async () => {
    const jobs = create();
    jobs.every(job(() => Promise.reject(new Error('broken job'))));
    await expect(jobs.runNow('job')).rejects.toThrow('broken job');
    await expect(jobs.runNow('other')).rejects.toThrow('there is no job named other');
  });

  it('are aborted and waited for when they are stopped, without a complaint, and run no more', async () => {
    const { state, run } = heldRun();
    const jobs = create();
    jobs.every(job(run));
    jobs.start();
    await pass(600);
    await jobs.stop();
    expect([state.runs, state.aborted, state.atOnce]).toEqual([1, 1, 0]);
    expect(leases.held.size).toBe(0);
    await pass(10_000);
    expect(state.runs).toBe(1);
    await expect(jobs.runNow('job')).rejects.toThrow('job is stopped');
    expect(records).toEqual([]);
  });

  it('have names of their own', () => {
    const jobs = create();
    jobs.every(job(async () => undefined));
    expect(() => jobs.every(job(async () => undefined))).toThrow('there are two jobs named job');
  });

  it('do not keep the process alive by their timers', () => {
    jest.useRealTimers();
    const unrefs = jest.spyOn(setTimeout(() => undefined, 0).constructor.prototype as NodeJS.Timeout, 'unref');
    const jobs = create();
    jobs.every(job(async () => undefined));
    jobs.start();
    expect(unrefs).toHaveBeenCalledTimes(1);
    unrefs.mockRestore();
  });
});
