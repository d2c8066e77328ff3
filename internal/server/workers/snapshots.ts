import cluster from 'node:cluster';
import type { MetricsSnapshot } from '../../metrics/index.ts';
import type { FromPrimary, FromWorker } from './messages.ts';

const GATHER_MS = 2000;

/** The metrics of every process, those that do not answer in time left out. */
export async function gatherSnapshots(): Promise<readonly MetricsSnapshot[]> {
  const asked = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  const answers = asked.map(
    (worker, ask) =>
      new Promise<MetricsSnapshot | undefined>((resolve) => {
        const onMessage = (message: FromWorker): void => {
          if (message.kind === 'snapshot' && message.ask === ask) finish(message.snapshot);
        };
        const timer = setTimeout(() => finish(undefined), GATHER_MS);
        const finish = (snapshot: MetricsSnapshot | undefined): void => {
          clearTimeout(timer);
          worker.off('message', onMessage);
          resolve(snapshot);
        };
        worker.on('message', onMessage);
        worker.send({ kind: 'snapshot', ask } satisfies FromPrimary);
      }),
  );
  return (await Promise.all(answers)).filter((snapshot) => snapshot !== undefined);
}
