import { EventEmitter } from 'node:events';
import type { Worker } from 'node:cluster';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { isSecretName } from '../../log/index.ts';
import { eventually, keepingLogger, type Logged } from '../fixtures.suite.ts';
import { OPTION_TABLES } from '../options.ts';
import type { FromPrimary, FromWorker } from './messages.ts';
import { superviseWorkers } from './primary.ts';

/** A worker without a process: it says what the test has it say. */
class FakeWorker extends EventEmitter {
  readonly heard: FromPrimary[] = [];
  process: { pid: number | undefined } = { pid: 1 };
  connected = true;

  isConnected(): boolean {
    return this.connected;
  }
  send(message: FromPrimary): void {
    if (!this.connected) throw new Error('nothing is sent over a closed channel');
    this.heard.push(message);
  }
  say(message: FromWorker): void {
    this.emit('message', message);
  }
  comeUp(): this {
    this.say({ kind: 'listening' });
    this.say({ kind: 'ready' });
    return this;
  }
  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.connected = false;
    this.emit('exit', code, signal);
  }
  failToStart(): void {
    this.process = { pid: undefined };
    this.connected = false;
    this.emit('error', new Error('spawn EAGAIN'));
  }
}

async function supervise(fork: (count: number) => FakeWorker = () => new FakeWorker()) {
  const { config } = await loadConfig({
    tables: OPTION_TABLES,
    env: {},
    flags: { 'storage.type': 'memory', 'server.address': '127.0.0.1' },
    cwd: '/',
  });
  const logged: Logged[] = [];
  const forked: FakeWorker[] = [];
  const stopping = new AbortController();
  let tries = 0;
  const code = superviseWorkers({
    config: { ...config, 'server.port': 0 },
    workers: 2,
    log: keepingLogger(logged),
    stop: stopping.signal,
    fork: () => {
      tries += 1;
      const worker = fork(tries);
      forked.push(worker);
      return worker as unknown as Worker;
    },
    pause: async () => undefined,
  });
  return { logged, forked, stop: () => stopping.abort(), code, tries: () => tries };
}

async function superviseAll() {
  const primary = await supervise();
  await eventually('all are started', () => primary.forked.length === 3);
  for (const worker of primary.forked) worker.comeUp();
  const [jobs, first, second] = primary.forked as [FakeWorker, FakeWorker, FakeWorker];
  return { ...primary, jobs, first, second };
}

const endAll = (workers: readonly FakeWorker[]): void => workers.forEach((worker) => worker.exit(0));

describe('superviseWorkers', () => {
  it('gives one process the jobs and the others requests', async () => {
    const { forked, stop, code } = await superviseAll();
    expect(forked.map(({ heard }) => heard)).toEqual([
      [{ kind: 'role', role: 'jobs' }],
      [{ kind: 'role', role: 'requests' }],
      [{ kind: 'role', role: 'requests' }],
    ]);
    stop();
    expect(forked.map(({ heard }) => heard.at(-1))).toEqual(Array(3).fill({ kind: 'stop' }));
    endAll(forked);
    expect(await code).toBe(0);
  });

  it('starts another process for one that ended, and logs how it ended', async () => {
    const { forked, first, logged, stop, code } = await superviseAll();
    first.exit(null, 'SIGKILL');
    await eventually('another is started', () => forked.length === 4);
    expect(forked[3]?.comeUp().heard).toEqual([{ kind: 'role', role: 'requests' }]);
    const { message, fields } = logged.at(-1) as Logged;
    expect(message).toBe('A process of the server ended, another is started');
    expect(fields).toEqual({ role: 'requests', exit_code: null, signal: 'SIGKILL' });
    expect(Object.keys(fields).filter(isSecretName)).toEqual([]);
    stop();
    endAll(forked);
    expect(await code).toBe(0);
  });

  it('ends with 1 where a process that was told to stop ended with it', async () => {
    const { jobs, first, second, stop, code } = await superviseAll();
    stop();
    first.exit(1);
    endAll([jobs, second]);
    expect(await code).toBe(1);
  });

  it('stops the others and ends with 1 where a process never came up', async () => {
    const { forked, code, logged } = await supervise();
    await eventually('all are started', () => forked.length === 3);
    forked[0]?.exit(1);
    expect(forked.slice(1).map(({ heard }) => heard)).toEqual(Array(2).fill([{ kind: 'stop' }]));
    endAll(forked.slice(1));
    expect(await code).toBe(1);
    expect(logged).toEqual([
      {
        level: 'error',
        message: 'A process of the server ended before it was up',
        fields: { role: 'jobs', exit_code: 1, signal: null },
      },
    ]);
  });

  it('stays when a process reports an error, and waits for its end', async () => {
    const { forked, first, stop, code, logged } = await superviseAll();
    const error = new Error('write EPIPE');
    first.emit('error', error);
    expect(logged.at(-1)).toMatchObject({ level: 'warn', fields: { role: 'requests', error } });
    stop();
    endAll(forked);
    expect(await code).toBe(0);
  });

  it('says nothing to a process whose channel is closed', async () => {
    const { forked, first, second, stop, code } = await superviseAll();
    first.connected = false;
    second.say({ kind: 'gather', ask: 7 });
    stop();
    expect(second.heard.at(-1)).toEqual({ kind: 'stop' });
    endAll(forked);
    expect(await code).toBe(0);
  });

  it.each<[string, (worker: FakeWorker) => FakeWorker]>([
    [
      'throws',
      () => {
        throw new Error('spawn ENOMEM');
      },
    ],
    [
      'is told later',
      (worker) => {
        process.nextTick(() => worker.failToStart());
        return worker;
      },
    ],
  ])('tries again where a process could not be started in place of another and that %s', async (_how, fail) => {
    const { forked, tries, logged, stop, code } = await supervise((count) =>
      count === 4 ? fail(new FakeWorker()) : new FakeWorker(),
    );
    await eventually('all are started', () => forked.length === 3);
    for (const worker of forked) worker.comeUp();
    forked[2]?.exit(1);
    await eventually('it is tried again', () => tries() === 5);
    expect(logged.at(-1)).toMatchObject({ level: 'error', fields: { role: 'requests', error: expect.any(Error) } });
    expect(forked.at(-1)?.comeUp().heard).toEqual([{ kind: 'role', role: 'requests' }]);
    stop();
    endAll(forked);
    expect(await code).toBe(0);
  });

  it('ends with 1 where no process can be started', async () => {
    const { code, tries } = await supervise(() => {
      throw new Error('spawn ENOMEM');
    });
    expect(await code).toBe(1);
    expect(tries()).toBe(1);
  });

  it('starts nothing when it was told to stop before', async () => {
    const { code, stop, tries } = await supervise();
    stop();
    expect(await code).toBe(0);
    expect(tries()).toBe(0);
  });
});
