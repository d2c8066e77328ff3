import { releaseYoungGeneration, type ExitCode } from '../cli/index.ts';
import type { RootLogger } from '../log/index.ts';
import type { Exposition, Metrics } from '../metrics/index.ts';
import { buildServer, type Built } from './build.ts';
import { openListener, type Listener } from './listeners/http.ts';
import { Seats } from './listeners/seats.ts';
import { openEach, together } from './listeners/together.ts';
import type { Config } from './options.ts';
import { OWN_EXIT_CODES, OWN_WORDS, type StandAlone } from './stand-alone.ts';
import { StartFailure } from './start-failure.ts';
import { followTlsPair, readTlsPair, type TlsFiles } from './tls.ts';

/** What a process is for: alone it does everything; among several, requests or jobs. */
export type Role = 'alone' | 'requests' | 'jobs';

export interface ServeOptions {
  readonly role: Role;
  readonly config: Config;
  readonly version: string;
  /** Where this is the program of one facade. */
  readonly standAlone?: StandAlone | undefined;
  readonly log: RootLogger;
  /** Aborts when the process is to stop. */
  readonly stop: AbortSignal;
  readonly onReady: () => void;
  readonly metrics: Metrics;
  /** The metrics of all processes. */
  readonly expose: () => Promise<Exposition>;
}

function tlsFiles(config: Config): TlsFiles | undefined {
  const { 'server.tls.cert': cert, 'server.tls.key': key, 'server.tls.client_ca': ca } = config;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new Error('server.tls.cert and server.tls.key go together');
  return { cert, key, ca };
}

function openSeats(config: Config, log: RootLogger): Seats {
  const wanted = config['server.max_connections'];
  const seats = new Seats(wanted);
  if (seats.count < wanted) {
    log.warn('The system allows fewer open files than server.max_connections needs', { connections: seats.count });
  }
  return seats;
}

async function open(built: Built, options: ServeOptions): Promise<Listener> {
  const { config, log, stop, role } = options;
  const files = tlsFiles(config);
  const common = {
    tls: files && readTlsPair(files),
    inactivity: {
      readMs: config['server.read_timeout'],
      writeMs: config['server.write_timeout'],
      idleMs: config['server.idle_timeout'],
    },
    maxHeaderBytes: config['server.max_header_size'],
    shared: role === 'requests',
    createExchange: built.createExchange,
    seats: openSeats(config, log),
    onAcceptError: (error: Error) => log.error('A connection could not be accepted', { error }),
  };
  const main = { address: config['server.address'], port: config['server.port'], begin: built.begin };
  const [first, ...more] = await openEach([main, ...built.ownListeners], (each) =>
    openListener({ ...common, ...each }),
  );
  if (!first) throw new Error('there is a main listener');
  for (const [index, { facade }] of built.ownListeners.entries()) {
    log.info('Facade served', { facade, address: more[index]?.addresses.join(', ') });
  }
  const listener = together([first, ...more]);
  if (files) followTlsPair(files, log, stop, (pair) => listener.setTls(pair));
  return listener;
}

/** Lets requests end; false where they did not in time and were cut. */
async function drain(listener: Listener, timeoutMs: number): Promise<boolean> {
  const drained = listener.drain().then(() => true);
  const timer = Promise.withResolvers<boolean>();
  const timeout = timeoutMs > 0 ? setTimeout(() => timer.resolve(false), timeoutMs) : undefined;
  const inTime = await Promise.race([drained, timer.promise]);
  clearTimeout(timeout);
  if (!inTime) {
    listener.cut();
    await drained;
  }
  return inTime;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Runs one process of the server until it is told to stop; every request it took is answered first. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  const { role, config, version, log, stop, metrics, expose, standAlone } = options;
  const words = { ...OWN_WORDS, ...standAlone?.words };
  const exitCodes = { ...OWN_EXIT_CODES, ...standAlone?.exitCodes };
  // Of several processes on the same stores the one for jobs tells when they are away: once is enough.
  const quiet = { info: (message: string) => log.debug(message), error: (message: string) => log.debug(message) };
  let built: Built;
  try {
    built = await buildServer({
      config,
      version,
      log,
      ...(role === 'requests' && { outages: quiet }),
      metrics,
      expose,
      standAlone,
    });
  } catch (error) {
    if (error instanceof StartFailure) log.fatal(words[`${error.part}Failed`], { error: error.cause });
    else log.fatal(words.startFailed, { error });
    return exitCodes.start;
  }
  if (config['metrics.enabled'] && role !== 'jobs')
    log.info('Metrics enabled', { endpoint: config['metrics.endpoint'] });
  let listener: Listener | undefined;
  try {
    if (role !== 'jobs') {
      listener = await open(built, options);
      log.info(words.ready, {
        address: listener.addresses.join(', '),
        tls: config['server.tls.cert'] !== undefined,
      });
    }
  } catch (error) {
    log.fatal(words.serverFailed, { error });
    await built.close();
    return exitCodes.listener;
  }
  if (role !== 'requests') built.jobs.start();
  releaseYoungGeneration();
  options.onReady();

  await aborted(stop);
  if (role === 'alone') {
    const { message, fields } = words.stopping(String(stop.reason));
    log.info(message, fields);
  }
  const inTime = listener ? await drain(listener, config['server.shutdown_timeout']) : true;
  if (!inTime) log.error('Server forced to shutdown', { error: 'requests were still running' });
  await built.close();
  return inTime ? 0 : exitCodes.cut;
}
