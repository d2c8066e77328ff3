import { WorkLimit } from '../http/index.ts';
import type { Logger } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Config } from './options.ts';

interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
}

const WAIT_MS = 5000;
/** What was refused meanwhile is told in one line. */
const TOLD_MS = 10_000;
const PROBES = ['/livez', '/healthz', '/readyz', '/health'];

/** The bound on what this process works on at once; tells log and metrics when it is reached. */
export function createWorkLimit({ config, log, metrics, ticks }: Deps): WorkLimit {
  const refused = metrics.counter(
    'http_requests_refused_total',
    'Requests refused since there was too much to do.',
    [],
  );
  const count = refused.with({});
  let [untold, toldTicks] = [0, Number.NEGATIVE_INFINITY];

  function onRefused(): void {
    count.add(1);
    untold += 1;
    if (ticks() - toldTicks < TOLD_MS) return;
    log.warn('Too much to do: requests are refused', {
      refused: untold,
      at_work: limit.atWork,
      waiting: limit.waiting,
    });
    [untold, toldTicks] = [0, ticks()];
  }

  const limit = new WorkLimit({
    maxAtWork: config['server.max_requests'],
    maxWaiting: config['server.max_waiting'],
    waitMs: WAIT_MS,
    exempt: new Set([...PROBES, config['metrics.endpoint']]),
    ticks,
    onRefused,
  });
  metrics.gauge('http_requests_at_work', 'Requests that are worked on.', {
    collect: (gauge) => gauge.with({}).set(limit.atWork),
  });
  metrics.gauge('http_requests_waiting', 'Requests that wait for their turn.', {
    collect: (gauge) => gauge.with({}).set(limit.waiting),
  });
  return limit;
}
