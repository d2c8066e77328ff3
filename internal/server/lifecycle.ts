import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { ExitCode } from '../cli/index.ts';
import { createLogger, type RootLogger } from '../log/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { warnOfOldTree } from './look-before-serving.ts';
import type { Config } from './options.ts';
import { serve } from './serve.ts';
import { OWN_WORDS, type StandAlone } from './stand-alone.ts';
import { superviseWorkers } from './workers/primary.ts';
import { runWorker } from './workers/worker.ts';

export interface RunOptions {
  readonly config: Config;
  /** The file that the configuration came from, if any. */
  readonly file: string | undefined;
  /** What the configuration has to say, a line each. */
  readonly warnings: readonly string[];
  readonly version: string;
  /** Where this is the program of one facade; it is one process. */
  readonly standAlone?: StandAlone | undefined;
}

/** How many processes answer requests: a number, or `auto` for one a core. */
function workerCount(text: string): number {
  return text === 'auto' ? availableParallelism() : Number(text);
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** A terminal's Ctrl-C reaches us twice under npm, which passes on what the whole group was sent. */
const ECHO_MS = 500;

/** The first SIGINT or SIGTERM asks to stop, the second ends at once. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  let askedTicks = Number.NEGATIVE_INFINITY;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' && performance.now() - askedTicks < ECHO_MS) return;
    if (stopping.signal.aborted) process.exit(1);
    askedTicks = performance.now();
    stopping.abort(signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return stopping.signal;
}

function announce({ config, file, warnings, version, standAlone }: RunOptions, log: RootLogger): void {
  const { starting } = { ...OWN_WORDS, ...standAlone?.words };
  const { message, fields } = starting(config, version, file ?? '');
  log.info(message, fields);
  for (const warning of warnings) log.warn(warning);
  if (config['auth.mode'] === 'none' && !LOOPBACK.test(config['server.address'])) {
    log.warn('Nobody is asked to sign in: everybody who can reach this address may read, push and delete', {
      address: config['server.address'],
    });
  }
}

/** Serves until told to stop: in this process, or in several under it (`server.workers`). */
export async function runServer(options: RunOptions): Promise<ExitCode> {
  const { config, version, standAlone } = options;
  const log = createLogger({ level: config['log.level'], format: config['log.format'], style: standAlone?.logStyle });
  try {
    if (cluster.isWorker) return await runWorker({ config, version, log });
    announce(options, log);
    await warnOfOldTree(config, log);
    const stop = stopOnSignals();
    const workers = workerCount(config['server.workers']);
    const metrics = createMetrics();
    const expose = () => metrics.expose();
    const code =
      workers > 1
        ? await superviseWorkers({ config, workers, log, stop })
        : await serve({
            role: 'alone',
            config,
            version,
            standAlone,
            log,
            stop,
            metrics,
            expose,
            onReady: () => undefined,
          });
    if (code === 0) log.info({ ...OWN_WORDS, ...standAlone?.words }.stopped);
    return code;
  } finally {
    await log.flush();
  }
}
