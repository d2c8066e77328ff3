import { fork } from 'node:child_process';
import { extname, join } from 'node:path';
import type { FromSlow, SlowSpec, SlowState, ToSlow } from './slow-clients.ts';

/** Slow clients at work, in a process of their own. */
export interface SlowClients {
  /** What became of them so far. */
  state(): Promise<SlowState>;
  /** Ends them where they are. */
  close(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, `slow-clients${extname(import.meta.filename)}`);

/** Starts them, and waits until all are at work. */
export async function startSlowClients(spec: SlowSpec): Promise<SlowClients> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ask = (message: ToSlow): Promise<FromSlow> =>
    new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the slow clients have ended'));
      child.once('exit', onExit);
      child.once('message', (answer: FromSlow) => {
        child.off('exit', onExit);
        resolve(answer);
      });
      child.send(message);
    });
  await ask({ kind: 'begin', spec });
  return {
    async state() {
      const answer = await ask({ kind: 'count' });
      if (answer.kind !== 'state') throw new Error('the slow clients did not say how they are');
      return answer.state;
    },
    close: () =>
      new Promise((closed) => {
        if (child.exitCode !== null) return closed();
        child.once('exit', () => closed());
        child.disconnect();
      }),
  };
}
