import { parseArgs } from 'node:util';
import { startReplicas } from '../e2e/replicas.ts';
import { runCommand, startServer, type Settings } from '../e2e/server-process.ts';
import { pullTags, soakClients, waitUntilClean } from './clients.ts';

// `make soak`: a real server under many clients with the collector always at work, or two on PostgreSQL and S3.

const DELAY_MS = 3000;
/** For the collector to come to an end when the clients have. */
const PATIENCE_MS = 60_000;
const SETTINGS: Settings = {
  'gc.interval': '500ms',
  'gc.review_delay': `${DELAY_MS}ms`,
  'gc.orphan_interval': '10s', // a push that is refused at last leaves its manifest's bytes without a row
  'gc.max_deletes_per_second': '0',
  'log.level': 'warn',
  'log.requests': 'false',
};

interface Site {
  readonly url: string;
  /** For commands on the same stores. */
  readonly settings: Settings;
  /** Ends the servers, and leaves the stores. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

async function openFolder(): Promise<Site> {
  const server = await startServer(SETTINGS);
  return {
    url: server.url,
    settings: { ...SETTINGS, 'storage.path': server.folder },
    stop: async () => void (await server.stop()),
    close: () => server.close(),
  };
}

async function openReplicas(): Promise<Site> {
  const replicas = await startReplicas(2, SETTINGS);
  return {
    url: replicas.proxy.url,
    settings: replicas.settings,
    stop: async () => void (await Promise.all(replicas.servers.map((server) => server.stop()))),
    close: () => replicas.close(),
  };
}

interface Stock {
  readonly waiting: number;
  readonly uploads: number;
  readonly unknown: number;
}

/** What keeps how many bytes, by the catalog and by a walk over all of storage. */
async function takeStock(settings: Settings): Promise<Stock> {
  const { stdout } = await runCommand(['du', '--scan', '--json'], settings);
  return (JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { readonly total: Stock }).total;
}

const isClean = ({ waiting, uploads, unknown }: Stock): boolean => waiting + uploads + unknown === 0;

/** Waits until the collector has found and taken all that nobody needs; what is left in the end. */
async function settle({ url, settings }: Site): Promise<{ readonly left: number; readonly stock: Stock }> {
  const endTicks = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = await waitUntilClean(url, PATIENCE_MS);
    const stock = await takeStock(settings);
    if (isClean(stock) || performance.now() > endTicks) return { left, stock };
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '120' },
      clients: { type: 'string', default: '16' },
      replicas: { type: 'boolean', default: false },
    },
  });
  const site = await (values.replicas ? openReplicas() : openFolder());
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  try {
    const [seconds, clients] = [Number(values.seconds), Number(values.clients)];
    const report = await soakClients({ url: site.url, seconds, clients, delayMs: DELAY_MS });
    const { complaints, ...counts } = report;
    print(`${seconds} s, ${clients} clients: ${JSON.stringify(counts)}`);
    const { left, stock } = await settle(site);
    const pulled = await pullTags(site.url);
    print(`${pulled.tags} tags pulled, ${left} blobs left that nothing references`);
    await site.stop();
    print(`octoserve du --scan: ${JSON.stringify(stock)}`);
    const verified = await runCommand(['verify', '--content', '--json'], site.settings);
    const summary = verified.stdout.trimEnd().split('\n').at(-1) ?? '';
    print(`octoserve verify --content: exit ${verified.code}, ${summary}`);
    const { orphans } = JSON.parse(summary) as { readonly orphans: number };
    const wrong = [
      ...complaints,
      ...pulled.complaints,
      ...(left > 0 ? [`${left} blobs are garbage and were not collected`] : []),
      ...(isClean(stock) ? [] : ['not every byte that is kept is referenced']),
      ...(orphans > 0 ? [`${orphans} contents have no row`] : []),
      ...(verified.code === 0 ? [] : [verified.stdout, verified.stderr]),
    ];
    for (const complaint of wrong) print(`WRONG: ${complaint}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await site.close();
  }
}

process.exitCode = await main();
