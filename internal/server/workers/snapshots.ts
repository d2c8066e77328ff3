import type { Worker } from 'node:cluster';
import type { MetricsSnapshot } from '../../metrics/index.ts';
import { tell, type FromWorker } from './messages.ts';

const GATHER_MS = 2000;

/** The metrics of every process, those left out that end or do not answer in time. */
export type Gatherer = () => Promise<readonly MetricsSnapshot[]>;

function askOne(worker: Worker, ask: number): Promise<MetricsSnapshot | undefined> {
  return new Promise((resolve) => {
    const onMessage = (message: FromWorker): void => {
      if (message.kind === 'snapshot' && message.ask === ask) finish(message.snapshot);
    };
    const onExit = (): void => finish(undefined);
    const timer = setTimeout(onExit, GATHER_MS);
    const finish = (snapshot: MetricsSnapshot | undefined): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('exit', onExit);
      resolve(snapshot);
    };
    worker.on('message', onMessage).once('exit', onExit);
    tell(worker, { kind: 'snapshot', ask });
  });
}

/** Whoever asks while the processes are being asked shares the answer: many scrapes at once cost what one does. */
export function createGatherer(workers: () => readonly Worker[]): Gatherer {
  let asked = 0;
  let running: Promise<readonly MetricsSnapshot[]> | undefined;

  async function gather(): Promise<readonly MetricsSnapshot[]> {
    asked += 1;
    const ask = asked; // its own, so that an answer that comes too late is nobody's
    const answers = await Promise.all(workers().map((worker) => askOne(worker, ask)));
    running = undefined;
    return answers.filter((snapshot) => snapshot !== undefined);
  }
  return () => (running ??= gather());
}
